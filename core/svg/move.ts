import { SeracError } from "../errors/index.ts";
import type { Account } from "./account.ts";
import type { SampleReason, SampleRecord } from "./sample.ts";
import type { StageResult } from "./stages/stage.ts";
import type { Lease, RunStore } from "./store.ts";

export interface Mover {
  readonly store: RunStore;
  readonly account: Account;
  /** The lease as it is when it is asked for. */
  readonly lease: () => Lease;
}

/**
 * Every change of a sample's state that work on it brings, and so every end of one: what it has cost by then is settled and goes with it.
 * A result that is too large for the store is the sample's own fault, and that fits. ConflictError when the lease was lost.
 */
export async function moveSample({ store, account, lease }: Mover, sample: SampleRecord, result: StageResult): Promise<SampleRecord> {
  const costMicroUsd = await account.balance(sample);
  const write = ({ to, change }: StageResult) => store.transition(lease(), sample.state, to, { ...change, costMicroUsd });
  try {
    return await write(result);
  } catch (error) {
    if (!(error instanceof SeracError) || error.code !== "record_too_large") throw error;
    return write(failure("internal", error));
  }
}

/** The end of a sample by an error. */
export function failure(reason: SampleReason, error: unknown): StageResult {
  const detail = error instanceof Error ? error.message : String(error);
  return { to: "failed", change: { reason, detail: detail.slice(0, 2000) } };
}
