import { configSchema } from "../../../core/config/schema.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import type { SampleRecord } from "../../../core/svg/sample.ts";
import type { RunRecord } from "../../../core/svg/store.ts";

export function runRecord(change: Partial<RunRecord> = {}): RunRecord {
  return {
    id: "run1",
    name: "example",
    config: configSchema.parse({}),
    repository: ".",
    commit: null,
    state: "running",
    detail: null,
    rehearsal: true,
    sandbox: null,
    planned: 0,
    functions: 0,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    ...change,
  };
}

export function sampleRecord(index: number, change: Partial<SampleRecord> = {}): SampleRecord {
  return {
    id: sampleIdOf("run1", index),
    runId: "run1",
    index,
    function: { id: `src/a.py::f${index}`, path: "src/a.py", name: `f${index}`, language: "python", startLine: 1, endLine: 9, lines: 9 },
    kinds: ["off-by-one", "wrong-default"],
    replica: 0,
    seed: 1,
    state: "planned",
    reason: null,
    detail: null,
    attempts: 0,
    firstRolloutId: null,
    firstAccepted: false,
    pullRequest: null,
    secondRolloutId: null,
    score: null,
    costMicroUsd: 0,
    updatedAt: "2026-01-01T00:00:00.000Z",
    ...change,
  };
}
