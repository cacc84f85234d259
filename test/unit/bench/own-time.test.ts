import { expect, test } from "vitest";
import { ownTimeOf } from "../../../bench/functions/own-time.ts";
import type { JournalEntry } from "../../../core/agent/journal.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (ms: number): string => new Date(START + ms).toISOString();
const reply = (ms: number, latencyMs: number): JournalEntry => ({
  type: "reply",
  at: at(ms),
  callId: "x",
  message: { role: "assistant", content: "", reasoning: null, toolCalls: [] },
  finishReason: "stop",
  usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 },
  costMicroUsd: 0,
  model: "m",
  latencyMs,
  rehearsal: true,
});
const observation = (ms: number, executionMs: number): JournalEntry => ({
  type: "observation",
  at: at(ms),
  toolCallId: "c",
  content: "",
  executionMs,
  timedOut: false,
  effect: null,
});
const start = (ms: number): JournalEntry => ({ type: "start", at: at(ms), version: 1, toolset: "mini", messages: [] });
const end = (ms: number): JournalEntry => ({ type: "end", at: at(ms), exitStatus: "submitted", patch: "", detail: null });

test("what a task took beside replies, commands and machines, by hand", () => {
  const rollout = [
    start(100),
    reply(1_100, 900),
    // 500 ms for the machine, and 10 of the worker's own.
    observation(1_700, 60),
    reply(2_610, 900),
    observation(2_640, 20),
    reply(3_550, 900),
    end(3_600),
  ];
  const judge = [reply(4_000, 300)];
  const own = ownTimeOf({ startMs: START, endMs: START + 4_050, cpuMs: 40, rollouts: [rollout], others: [judge] });
  // 2,610 - 1,100 - 900 - 60 = 550 with the machine; 3,550 - 2,610 - 900 - 20 = 20.
  expect(own.calls).toEqual([20]);
  expect(own.machines).toEqual([530]);
  expect(own.cpuPerCall).toBe(10);
  // 100 before the first entry, 50 after the last.
  expect(own.task).toBe(150);
  // 4,050 in all, less the task's 150, replies of 3,000, commands of 80, 20 and 530.
  expect(own.rollout).toBe(270);
});
