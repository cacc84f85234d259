import type { RunStore } from "./store.ts";
import type { Meter } from "../agent/paid-call.ts";

/** Binds the spend of one run to the calls of its rollouts. */
export function meterOf(store: RunStore, runId: string): Meter {
  return {
    reserve: (callId, amountMicroUsd) => store.reserve(runId, callId, amountMicroUsd),
    settle: (callId, amountMicroUsd, usage) => store.settle(runId, callId, amountMicroUsd, usage),
    release: (callId) => store.release(runId, callId),
  };
}
