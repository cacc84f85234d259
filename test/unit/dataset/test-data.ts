import type { ToolCall } from "../../../core/agent/messages.ts";
import { mini } from "../../../core/agent/toolsets/mini/index.ts";
import type { Observation, Step, Trajectory } from "../../../core/agent/trajectory.ts";
import { configSchema, type SeracConfig } from "../../../core/config/schema.ts";
import type { SampleRecord } from "../../../core/svg/sample.ts";
import type { RunRecord } from "../../../core/svg/store.ts";

export const RUN = "run-1";
const AT = "2026-01-02T03:04:05.000Z";
const USAGE = { inputTokens: 1000, cachedInputTokens: 900, outputTokens: 50 };

export function testRun(change: Partial<RunRecord> = {}, dataset: Partial<SeracConfig["dataset"]> = {}): RunRecord {
  const teacher = { baseUrl: "http://teacher.invalid/v1", model: "some/teacher", price: { input: 0.5, output: 2 } };
  const config = configSchema.parse({ teacher, dataset, rollout: { toolset: "mini" }, plan: { seed: 7 } });
  const fixed = {
    id: RUN,
    name: "shop",
    config,
    repository: "/private/path/of/someone/shop",
    commit: "a".repeat(40),
    state: "finished",
  } as const;
  const rest = { detail: null, rehearsal: false, sandbox: null, planned: 0, functions: 0, createdAt: AT, updatedAt: AT } as const;
  return { ...fixed, ...rest, ...change };
}

export function testSample(index: number, change: Partial<SampleRecord> = {}): SampleRecord {
  const id = `${RUN}-s${String(index + 1).padStart(6, "0")}`;
  const path = `src/m${index % 3}.py`;
  const name = `f${index % 5}`;
  return {
    id,
    runId: RUN,
    index,
    function: {
      id: `${path}::${name}`,
      path,
      name,
      language: index % 2 === 0 ? "python" : "typescript",
      startLine: 1,
      endLine: 9,
      lines: 9,
    },
    kinds: [index % 2 === 0 ? "naming" : "null-safety", "generic"],
    replica: 0,
    seed: 2 ** 53 - 1 - index,
    state: "accepted",
    reason: null,
    detail: null,
    attempts: 1,
    firstRolloutId: `${id}-first1`,
    firstAccepted: true,
    pullRequest: `Something is wrong with ${name}.`,
    secondRolloutId: `${id}-second`,
    score: { recall: (index % 11) / 10, precision: 1, matched: 1, targetLines: 2, candidateLines: 1, recallSera: null },
    costMicroUsd: 1234,
    updatedAt: AT,
    ...change,
  };
}

export function testPatch(index: number, lines = 2): string {
  const body = Array.from({ length: lines }, (_, line) => `${line % 2 === 0 ? "-" : "+"}value_${index}_${line}`);
  const old = Math.ceil(lines / 2);
  return `diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,${old} +1,${lines - old} @@\n${body.join("\n")}\n`;
}

export const bash = (command: string, id = "c1"): ToolCall => ({ id, name: "bash", arguments: JSON.stringify({ command }) });

export function testStep(
  n: number,
  parts: Partial<Step["reply"]> = {},
  outputs: readonly string[] = ["ok"],
  requery: string | null = null,
): Step {
  const toolCalls = parts.toolCalls ?? outputs.map((_, at) => bash(`echo ${n}`, `c${n}_${at}`));
  const observations = outputs.map((content, at): Observation => ({
    toolCallId: toolCalls[at]?.id ?? "",
    content,
    executionMs: 12.5,
    timedOut: false,
  }));
  return {
    callId: `call-${n}`,
    reply: { role: "assistant", content: `Step ${n}.`, reasoning: null, ...parts, toolCalls },
    finishReason: "tool_calls",
    observations: requery === null ? observations : [],
    requery,
    usage: USAGE,
    costMicroUsd: 617,
    model: "teacher-as-reported",
    latencyMs: 100,
    at: AT,
  };
}

export function testTrajectory(rolloutId: string, change: Partial<Trajectory> = {}): Trajectory {
  return {
    rolloutId,
    toolset: "mini",
    tools: mini.tools,
    prompt: [
      { role: "system", content: "You are an engineer." },
      { role: "user", content: "Look at f." },
    ],
    steps: [testStep(1), testStep(2)],
    exitStatus: "submitted",
    detail: null,
    patch: testPatch(0),
    usage: USAGE,
    costMicroUsd: 1234,
    startedAt: AT,
    endedAt: AT,
    rehearsal: false,
    ...change,
  };
}
