import { SeracError } from "../errors/index.ts";
import type { StatePlatform } from "../svg/platform.ts";
import type { RunRecord } from "../svg/store.ts";

/** How a run stood when it was last seen to have changed. */
interface Pulse {
  readonly standing: string;
  readonly sinceMs: number;
}

const pulseKey = (runId: string): string => `runs/${runId}/pulse.json`;

/** For how long no sample has changed its state and no call was paid for, as far as earlier calls of this function can tell. */
export async function quietForMs({ store, artifacts, clock }: StatePlatform, run: RunRecord): Promise<number> {
  const [counts, spend] = await Promise.all([store.countSamples(run.id), store.spend(run.id)]);
  const standing = JSON.stringify([counts, spend.settledCalls, spend.uncertainCalls, run.updatedAt]);
  const before = await readPulse(artifacts, run.id);
  if (before?.standing === standing) return clock.now() - before.sinceMs;
  const pulse: Pulse = { standing, sinceMs: clock.now() };
  await artifacts.put(pulseKey(run.id), Buffer.from(JSON.stringify(pulse)));
  return 0;
}

async function readPulse(artifacts: StatePlatform["artifacts"], runId: string): Promise<Pulse | null> {
  try {
    const pulse: Pulse = JSON.parse(Buffer.from(await artifacts.get(pulseKey(runId))).toString());
    return pulse;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  }
}
