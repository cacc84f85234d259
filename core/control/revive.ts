import { SeracError } from "../errors/index.ts";
import type { SampleRecord } from "../svg/sample.ts";
import type { StatePlatform } from "../svg/platform.ts";
import type { RunRecord } from "../svg/store.ts";
import { sampleTaskOf } from "./messages.ts";
import { fillWindow, openWindow, samplesInWindow } from "./window.ts";

/** A sample that nobody worked on when it was looked at, and that has not changed since. */
interface Stillness {
  readonly updatedAt: string;
  readonly sinceMs: number;
  /** Tasks that it was given for that. */
  readonly revivals: number;
}

type Stillnesses = Readonly<Record<string, Stillness>>;

const OWNER = "reaper";
const LEASE_MS = 10_000;
const AT_ONCE = 16;
/** A sample in the window that stands still for so long has lost its task, when no task waits for a worker. */
const STILL_MS = 10 * 60_000;
/** What ends every worker is not to be tried for ever: its tasks come back on their own, and are buried in the end. */
const MOST_REVIVALS = 3;

const key = (runId: string): string => `runs/${runId}/still.json`;

/** Gives samples that lost their task another one; to be called now and then while no task waits. Returns how many. */
export async function reviveSamples(platform: StatePlatform, run: RunRecord): Promise<number> {
  const { version } = await platform.store.taskWindow(run.id);
  if (version === 0) return (await openWindow(platform, run)).given;
  const inWindow = await samplesInWindow(platform, run);
  const before = await readStill(platform, run.id);
  const still: Record<string, Stillness> = {};
  const lost: SampleRecord[] = [];
  for (let at = 0; at < inWindow.length; at += AT_ONCE) {
    const some = inWindow.slice(at, at + AT_ONCE);
    const areHeld = await Promise.all(some.map((sample) => isHeld(platform, sample)));
    for (const [index, sample] of some.entries()) {
      const now = stillness(sample, before[sample.id], areHeld[index]!, platform.clock.now());
      if (now === null) continue;
      still[sample.id] = now;
      if (now.revivals > (before[sample.id]?.revivals ?? 0)) lost.push(sample);
    }
  }
  await platform.queue.enqueue("work", lost.map(sampleTaskOf));
  if (Object.keys(still).length + Object.keys(before).length > 0) {
    await platform.artifacts.put(key(run.id), Buffer.from(JSON.stringify(still)));
  }
  return lost.length + (await fillWindow(platform, run)).given;
}

function stillness({ updatedAt }: SampleRecord, known: Stillness | undefined, hasWorker: boolean, nowMs: number): Stillness | null {
  const isKnown = known?.updatedAt === updatedAt;
  if (hasWorker) return isKnown ? { ...known, sinceMs: nowMs } : null;
  if (!isKnown) return { updatedAt, sinceMs: nowMs, revivals: 0 };
  if (nowMs - known.sinceMs < STILL_MS || known.revivals >= MOST_REVIVALS) return known;
  return { updatedAt, sinceMs: nowMs, revivals: known.revivals + 1 };
}

async function isHeld({ store }: StatePlatform, { id }: SampleRecord): Promise<boolean> {
  const lease = await store.acquireLease(id, OWNER, LEASE_MS);
  if (lease !== null) await store.releaseLease(lease);
  return lease === null;
}

async function readStill({ artifacts }: StatePlatform, runId: string): Promise<Stillnesses> {
  try {
    const still: Stillnesses = JSON.parse(Buffer.from(await artifacts.get(key(runId))).toString());
    return still;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return {};
    throw error;
  }
}
