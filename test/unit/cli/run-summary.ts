import type { RunSummary } from "../../../core/svg/summary.ts";

/** A run's summary with what the test is about. */
export function runSummary(change: Partial<RunSummary> = {}): RunSummary {
  return {
    runId: "parcels-20261121-101500-a1b2",
    name: "parcels",
    state: "running",
    detail: null,
    rehearsal: false,
    repository: "/srv/parcels",
    commit: "0123456789abcdef0123456789abcdef01234567",
    functions: 57,
    planned: 0,
    done: 0,
    accepted: 0,
    rejected: 0,
    failed: 0,
    counts: [],
    recallHistogram: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    recallMean: null,
    spend: {
      budgetMicroUsd: 10_000_000,
      settledMicroUsd: 250_000,
      reservedMicroUsd: 0,
      settledCalls: 12,
      reservedCalls: 0,
      uncertainCalls: 0,
      usage: { inputTokens: 1000, cachedInputTokens: 500, outputTokens: 100 },
    },
    createdAt: "2026-11-21T10:15:00.000Z",
    updatedAt: "2026-11-21T10:16:00.000Z",
    ...change,
  };
}
