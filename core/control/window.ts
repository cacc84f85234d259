import { sampleTaskOf } from "./messages.ts";
import { FINAL_STATES, OPEN_STATES, type SampleRecord } from "../svg/sample.ts";
import type { StatePlatform } from "../svg/platform.ts";
import type { RunRecord, StateCount } from "../svg/store.ts";

/**
 * At most `teacher.concurrency` samples of a run have a task at a time, so that no more than so many can be worked on. How many there may be
 * follows from the counts of the store and not from what workers tell each other: a worker that dies between the end of a sample and the next
 * sample's task loses nothing that the next end would not make up for. docs/adr/0021-windows-of-tasks.md
 */
export interface Filled {
  /** Samples that were given a task just now. */
  readonly given: number;
  /** Samples of the run without a result. */
  readonly open: number;
}

/** Results that come in while one looks make one look again, so often. */
const LOOKS = 10;

/** Begins anew at the first open sample, when a run begins or goes on. Called again, it repeats the tasks of the samples in the window. */
export async function openWindow({ store, queue }: StatePlatform, run: RunRecord): Promise<Filled> {
  for (let look = 1; ; look++) {
    const { version } = await store.taskWindow(run.id);
    const before = countOf(await store.countSamples(run.id), FINAL_STATES);
    const first = await store.listSamples(run.id, { states: OPEN_STATES, limit: concurrencyOf(run) });
    const counts = await store.countSamples(run.id);
    const ended = countOf(counts, FINAL_STATES);
    // One that ended between list and count stands in both: with it the window would be too small, which is the safe side.
    if (ended !== before && look < LOOKS) continue;
    const lastIndex = first.length < concurrencyOf(run) ? run.planned - 1 : first.at(-1)!.index;
    if (!(await store.moveTaskWindow(run.id, version, { given: ended + first.length, lastIndex }))) continue;
    await queue.enqueue("work", first.map(sampleTaskOf));
    return { given: first.length, open: countOf(counts, OPEN_STATES) };
  }
}

/** Where many samples end at once, whoever is refused so often leaves its share to the next one: a thousand must not wait for one item. */
const TRIES = 3;

/** Gives the next open samples their tasks, as many as the teacher bears. Called twice it does no harm. */
export async function fillWindow({ store, queue }: StatePlatform, run: RunRecord): Promise<Filled> {
  for (let tries = 1; ; tries++) {
    // In this order: the window must not be moved by counts that are older than it.
    const { version, given, lastIndex } = await store.taskWindow(run.id);
    const counts = await store.countSamples(run.id);
    const open = countOf(counts, OPEN_STATES);
    const room = countOf(counts, FINAL_STATES) + concurrencyOf(run) - given;
    if (version === 0 || open === 0 || room <= 0 || lastIndex >= run.planned - 1) return { given: 0, open };
    const next = await store.listSamples(run.id, { states: OPEN_STATES, afterIndex: lastIndex, limit: room });
    const to = { given: given + next.length, lastIndex: next.length < room ? run.planned - 1 : next.at(-1)!.index };
    if (await store.moveTaskWindow(run.id, version, to)) {
      await queue.enqueue("work", next.map(sampleTaskOf));
      return { given: next.length, open };
    }
    if (tries === TRIES) return { given: 0, open };
  }
}

/** The open samples that were given a task, by index. */
export async function samplesInWindow({ store }: StatePlatform, run: RunRecord): Promise<readonly SampleRecord[]> {
  const { lastIndex } = await store.taskWindow(run.id);
  const first = await store.listSamples(run.id, { states: OPEN_STATES, limit: concurrencyOf(run) });
  return first.filter(({ index }) => index <= lastIndex);
}

const concurrencyOf = ({ config }: RunRecord): number => config.teacher?.concurrency ?? 1;

const countOf = (counts: readonly StateCount[], states: readonly string[]): number =>
  counts.filter(({ state }) => states.includes(state)).reduce((sum, { samples }) => sum + samples, 0);
