import { expect, test } from "vitest";
import { sampleText } from "../../../cli/text/sample.ts";
import type { Trajectory } from "../../../core/agent/trajectory.ts";
import type { SampleRecord } from "../../../core/svg/sample.ts";

const sample: SampleRecord = {
  id: "r-s000001",
  runId: "r",
  index: 0,
  function: { id: "a.py::f", path: "a.py", name: "f", language: "python", startLine: 1, endLine: 3, lines: 3 },
  kinds: ["general", "security"],
  replica: 0,
  seed: 1,
  state: "rejected",
  reason: "low_recall",
  detail: null,
  attempts: 2,
  firstRolloutId: "r-s000001-first2",
  firstAccepted: true,
  pullRequest: "Handle empty input\n\nIt fails.",
  secondRolloutId: null,
  score: { recall: 0.25, precision: null, matched: 1, targetLines: 4, candidateLines: 0, recallSera: 0.2 },
  costMicroUsd: 1500,
  updatedAt: "2026-11-21T10:00:00Z",
};

const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };

const trajectory: Trajectory = {
  rolloutId: "r-s000001-first2",
  toolset: "swe-agent",
  tools: [],
  prompt: [{ role: "system", content: "You are an engineer." }],
  steps: [
    {
      callId: "c1",
      reply: {
        role: "assistant",
        content: "Look.",
        reasoning: "Where is it?",
        toolCalls: [{ id: "t", name: "bash", arguments: '{"command":"cat a.py\\nls"}' }],
      },
      finishReason: "tool_calls",
      observations: [{ toolCallId: "t", content: `\u001B[31mred\n${"line\n".repeat(100)}end`, executionMs: 1, timedOut: false }],
      requery: null,
      usage,
      costMicroUsd: 1,
      model: "m",
      latencyMs: 1,
      at: "2026-11-21T10:00:00Z",
    },
  ],
  exitStatus: "submitted",
  detail: null,
  patch: "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n",
  usage,
  costMicroUsd: 1,
  startedAt: "",
  endedAt: "",
  rehearsal: true,
};

const first = { which: "first", rolloutId: trajectory.rolloutId, trajectory, journal: null } as const;
const plain = { full: false, color: false };

test("a sample reads from its prompt to its score", () => {
  const text = sampleText(sample, [first], plain);
  const order = [
    "a.py::f",
    "security",
    "rejected (low_recall)",
    "You are an engineer.",
    "Where is it?",
    "bash: cat a.py",
    "  +y",
    "recall 0.250, precision none",
  ];
  const places = order.map((part) => text.indexOf(part));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("long observations are shortened unless all is wanted", () => {
  expect(sampleText(sample, [first], plain)).toMatch(/… \d+ lines \(--full shows them\)/);
  expect(sampleText(sample, [first], { ...plain, full: true }).match(/\| line/g)).toHaveLength(100);
});

test("an agent's output cannot steer the terminal, coloured or not", () => {
  expect(sampleText(sample, [first], plain)).not.toContain("\u001B");
  expect(sampleText(sample, [first], { ...plain, color: true })).not.toContain("\u001B[31mred");
});

test("a rollout that has not ended says how far it is", () => {
  const text = sampleText(sample, [{ ...first, trajectory: null, journal: [] }], plain);
  expect(text).toContain("not ended yet: 0 teacher replies");
});
