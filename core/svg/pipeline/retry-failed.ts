import { firstRolloutId, secondAttempt, secondRolloutId } from "../names.ts";
import type { StatePlatform } from "../platform.ts";
import type { SampleRecord, SampleState } from "../sample.ts";
import type { SampleChange } from "../store.ts";
import { loadRun } from "./load.ts";

/** A walk over the samples of a run by index, that can be broken off and gone on with. */
interface Walk {
  /** Only samples with a greater index; -1, the default: all. */
  readonly afterIndex?: number;
  /** Milliseconds since the epoch. At least one page is done. Default: none. */
  readonly deadlineMs?: number;
}

const PAGE = 500;
const LEASE_MS = 10_000;

/** Puts every failed sample back to where it can go on, with a fresh rollout in place of the failed one. Returns how many. */
export async function retryFailed(platform: StatePlatform, runId: string, owner: string): Promise<number> {
  const { retried } = await reopenFailed(platform, runId, owner);
  const run = await loadRun(platform.store, runId);
  if (retried > 0 && run.state === "finished") await platform.store.changeRun(runId, ["finished"], { state: "paused", detail: null });
  return retried;
}

/** The samples alone, as far as the deadline allows: `nextAfter` is the index to go on after, or null when all are done. */
export async function reopenFailed(
  { store, clock }: StatePlatform,
  runId: string,
  owner: string,
  { afterIndex = -1, deadlineMs = Infinity }: Walk = {},
): Promise<{ readonly retried: number; readonly nextAfter: number | null }> {
  let retried = 0;
  for (let after = afterIndex; ;) {
    const page = await store.listSamples(runId, { states: ["failed"], afterIndex: after, limit: PAGE });
    for (const sample of page) {
      const lease = await store.acquireLease(sample.id, owner, LEASE_MS);
      if (lease === null) continue;
      const { to, change } = restart(sample);
      await store.transition(lease, "failed", to, { ...change, reason: null, detail: null });
      await store.releaseLease(lease);
      retried += 1;
    }
    if (page.length < PAGE) return { retried, nextAfter: null };
    after = page.at(-1)!.index;
    if (clock.now() >= deadlineMs) return { retried, nextAfter: after };
  }
}

/** What was paid for and accepted is kept; only the part that failed is done again. */
function restart(sample: SampleRecord): { to: SampleState; change: SampleChange } {
  if (sample.secondRolloutId !== null) {
    return {
      to: "second",
      change: { secondRolloutId: secondRolloutId(sample.id, secondAttempt(sample.secondRolloutId) + 1), score: null },
    };
  }
  if (sample.firstAccepted) return { to: "judged", change: {} };
  if (sample.attempts === 0) return { to: "planned", change: {} };
  const attempts = sample.attempts + 1;
  return { to: "first", change: { attempts, firstRolloutId: firstRolloutId(sample.id, attempts) } };
}
