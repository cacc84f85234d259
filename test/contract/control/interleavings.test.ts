import * as fc from "fast-check";
import { expect, test } from "vitest";
import { buryTask } from "../../../core/control/bury.ts";
import { finishTask } from "../../../core/control/finish.ts";
import { readFinishMessage, readPrepareMessage } from "../../../core/control/messages.ts";
import { prepareTask } from "../../../core/control/prepare.ts";
import { reap } from "../../../core/control/reap.ts";
import { trainTask } from "../../../core/control/training/train-task.ts";
import { workTask } from "../../../core/control/work.ts";
import { CLOUD_QUEUES } from "../../../core/config/cloud/names.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { FINAL_STATES } from "../../../core/svg/sample.ts";
import type { ReceivedTask } from "../../../core/svg/queue.ts";
import type { Lease } from "../../../core/svg/store.ts";
import { controlPlace, TEACHER, type Place } from "./support/place.ts";
import { mortal } from "./support/mortal.ts";

const MINUTE_MS = 60_000;
const VISIBLE_MS = 15 * MINUTE_MS;
const SAMPLES = 4;
/** Of the samples, and of the tasks that are taken at once: fewer. */
const CONCURRENCY = 2;

interface Action {
  /** Tasks that are taken and done at the same time. */
  readonly tasks: number;
  /** The process dies at its nth call, or lives. */
  readonly lifeCalls: number | null;
  readonly isLastCallMade: boolean;
  /** Nothing new after it, from when the task begins. */
  readonly allowedCalls: number | null;
  /** A sample that gets another task beside the one that it has. */
  readonly duplicate: number | null;
  readonly waitMs: number;
}

const action: fc.Arbitrary<Action> = fc.record({
  tasks: fc.integer({ min: 1, max: 3 }),
  lifeCalls: fc.option(fc.integer({ min: 1, max: 60 }), { freq: 2 }),
  isLastCallMade: fc.boolean(),
  allowedCalls: fc.option(fc.integer({ min: 0, max: 12 })),
  duplicate: fc.option(fc.integer({ min: 0, max: 2 })),
  waitMs: fc.constantFrom(0, 1_000, 35_000, 20 * MINUTE_MS),
});

let processes = 0;

/** One delivery in a process of its own, which is aborted after so many replies of the teacher. Dying, it acknowledges nothing. */
async function deliver(place: Place, task: ReceivedTask, { lifeCalls, isLastCallMade, allowedCalls }: Action): Promise<void> {
  processes += 1;
  const { platform, workshop, death } = mortal(place.platform, place.workshop, lifeCalls ?? Infinity, isLastCallMade);
  const stop = new AbortController();
  let replies = 0;
  const aborting = {
    ...workshop,
    teacher: async (config: Parameters<typeof workshop.teacher>[0]) => {
      const teacher = await workshop.teacher(config);
      const chat: typeof teacher.chat = (request) => {
        replies += 1;
        if (allowedCalls !== null && replies > allowedCalls) stop.abort(new Error("The time is up."));
        return request.signal?.aborted === true ? Promise.reject(request.signal.reason as Error) : teacher.chat(request);
      };
      return { ...teacher, chat };
    },
  };
  const options = { deadlineMs: Infinity, owner: `process-${processes}`, signal: stop.signal };
  const working = async (): Promise<void> => {
    if (task.queue === "prepare") await prepareTask(platform, aborting, readPrepareMessage(task.body), options);
    else if (task.queue === "train") await trainTask(platform, aborting, task.body, options);
    else if (task.queue === "finish") await finishTask(platform, aborting, readFinishMessage(task.body), options);
    else await workTask(platform, aborting, task.body, options);
    await platform.queue.acknowledge(task);
  };
  // What a task throws makes its delivery a failed one, and nothing else.
  await Promise.race([working().catch(() => {}), death]);
}

async function act(place: Place, runId: string, doing: Action): Promise<void> {
  const { queue } = place.platform;
  // What comes twice was sent once.
  const { lastIndex } = await place.platform.store.taskWindow(runId);
  if (doing.duplicate !== null && doing.duplicate <= lastIndex && (await place.run(runId)).state === "running") {
    const id = sampleIdOf(runId, doing.duplicate);
    await queue.enqueue("work", [{ id: `${id}-again-${processes}`, body: id }]);
  }
  const received = await Promise.all(CLOUD_QUEUES.map((name) => queue.receive(name, doing.tasks, VISIBLE_MS)));
  await Promise.all(received.flat().map((task) => deliver(place, task, doing)));
  for (const name of CLOUD_QUEUES) {
    for (const letter of await queue.deadLetters(name)) await buryTask(place.platform, name, letter.body).catch(() => {});
  }
  await place.clock.advance(doing.waitMs);
}

/** Nobody dies any more: what is left comes to its end, with the reaper's help. */
async function settle(place: Place, runId: string): Promise<void> {
  const calm: Action = { tasks: 3, lifeCalls: null, isLastCallMade: true, allowedCalls: null, duplicate: null, waitMs: 31_000 };
  for (let round = 0; round < 300; round++) {
    const { state } = await place.run(runId);
    if (state === "finished" || state === "failed") return;
    await act(place, runId, calm);
    await reap(place.platform, place.workshop);
  }
  throw new Error("The run comes to no end.");
}

interface Ends {
  readonly samples: Map<string, number>;
  finished: number;
  /** Open samples under the lease of a worker at the same time. */
  mostAtOnce: number;
}

/** How often each sample came to a final state, and the run to its end. */
function countEnds({ platform }: Place): Ends {
  const ends: Ends = { samples: new Map(), finished: 0, mostAtOnce: 0 };
  const leases = new Map<string, Lease>();
  const { store } = platform;
  const [transition, changeRun] = [store.transition.bind(store), store.changeRun.bind(store)];
  const [acquireLease, releaseLease] = [store.acquireLease.bind(store), store.releaseLease.bind(store)];
  store.transition = async (...request) => {
    const sample = await transition(...request);
    if (!FINAL_STATES.includes(sample.state)) return sample;
    ends.samples.set(sample.id, (ends.samples.get(sample.id) ?? 0) + 1);
    leases.delete(sample.id);
    return sample;
  };
  store.acquireLease = async (sampleId, owner, ttlMs) => {
    const lease = await acquireLease(sampleId, owner, ttlMs);
    if (lease === null || !owner.startsWith("process-") || ends.samples.has(sampleId)) return lease;
    leases.set(sampleId, lease);
    const valid = [...leases.values()].filter(({ expiresAtMs }) => expiresAtMs > platform.clock.now());
    ends.mostAtOnce = Math.max(ends.mostAtOnce, valid.length);
    return lease;
  };
  store.releaseLease = async (lease) => {
    await releaseLease(lease);
    if (leases.get(lease.sampleId)?.token === lease.token) leases.delete(lease.sampleId);
  };
  store.changeRun = async (...request) => {
    const before = await store.getRun(request[0]);
    const run = await changeRun(...request);
    if (run.state === "finished" && before?.state !== "finished") ends.finished += 1;
    return run;
  };
  return ends;
}

test("whatever dies, comes twice or runs out of time: every sample has one result, and the run one end", { timeout: 300_000 }, async () => {
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 24 }), fc.boolean(), async (actions, isPrepared) => {
      await using place = await controlPlace();
      const ends = countEnds(place);
      const settings = { teacher: { ...TEACHER, concurrency: CONCURRENCY }, plan: { samples: SAMPLES, perFunction: SAMPLES } };
      const id = isPrepared ? await place.running(settings) : (await place.start(settings)).id;
      for (const doing of actions) {
        await act(place, id, doing);
        if (doing.lifeCalls !== null) deaths += 1;
      }
      await settle(place, id);
      const samples = await place.platform.store.listSamples(id, { limit: 10 });
      const run = await place.run(id);
      // A preparation that died five times is a dead letter: then there is no plan, whatever was written of it.
      const planned = samples.slice(0, run.planned);
      expect(planned.every(({ state }) => FINAL_STATES.includes(state))).toBe(true);
      expect([...ends.samples.values()]).toEqual(planned.map(() => 1));
      expect(run.planned === SAMPLES || run.state === "failed").toBe(true);
      expect(ends.mostAtOnce).toBeLessThanOrEqual(CONCURRENCY);
      expect(ends.finished).toBe(run.state === "finished" ? 1 : 0);
      // A reply is asked for again only where the process died before it was written down.
      const repeated = [...place.teacher.answered.values()].reduce((sum, times) => sum + times - 1, 0);
      expect(repeated).toBeLessThanOrEqual(
        actions.filter(({ lifeCalls }) => lifeCalls !== null).reduce((sum, { tasks }) => sum + 3 * tasks, 0),
      );
      const { store } = place.platform;
      expect((await store.spend(id)).settledCalls).toBe(place.teacher.answered.size);
    }),
    { numRuns: 20 },
  );
  // Or the test would show nothing.
  expect(deaths).toBeGreaterThan(10);
});
