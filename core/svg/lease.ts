import type { Clock } from "../errors/clock.ts";
import type { Lease, RunStore } from "./store.ts";

export interface HeldLease {
  /** The lease as last renewed; transitions must use this one. */
  current(): Lease;
  /** Aborted with the store's error when the lease was lost. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/** Keeps a lease alive in the background, at a third of its time to live. */
export function holdLease(store: RunStore, clock: Clock, first: Lease, ttlMs: number): HeldLease {
  const lost = new AbortController();
  const stopped = new AbortController();
  let lease = first;

  const beat = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        await clock.sleep(ttlMs / 3, stopped.signal);
        lease = await store.renewLease(lease, ttlMs);
      } catch (error) {
        if (!stopped.signal.aborted) lost.abort(error);
        return;
      }
    }
  };
  const beating = beat();

  return {
    current: () => lease,
    signal: lost.signal,
    release: async () => {
      stopped.abort();
      await beating;
      await store.releaseLease(lease);
    },
  };
}
