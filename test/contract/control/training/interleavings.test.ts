import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jobNameOf } from "../../../../core/config/cloud/training.ts";
import { buryTask } from "../../../../core/control/bury.ts";
import { finishTask } from "../../../../core/control/finish.ts";
import { finishTaskOf, readFinishMessage } from "../../../../core/control/messages.ts";
import { reap } from "../../../../core/control/reap.ts";
import { cancelModel } from "../../../../core/control/training/cancel-model.ts";
import { trainTask } from "../../../../core/control/training/train-task.ts";
import { costOf } from "../../../../core/training/cost.ts";
import type { JobReport } from "../../../../core/training/jobs.ts";
import { OPEN_MODEL_STATES, type ModelRecord } from "../../../../core/training/model.ts";
import type { ReceivedTask } from "../../../../core/svg/queue.ts";
import { isOver, type TestJob } from "../support/jobs.ts";
import { mortal } from "../support/mortal.ts";
import { controlPlace, never, type Place } from "../support/place.ts";
import { BASE_CONFIG, BASE_KEY, batchEvent, putResult } from "../support/training.ts";
import { attempt, finishedRun, TRAIN } from "../support/trained.ts";

const MINUTE_MS = 60_000;
const VISIBLE_MS = 15 * MINUTE_MS;
const QUEUES = ["finish", "train"] as const;

type Doing = "work" | "finish again" | "begin" | "take the machine" | "end well" | "end badly" | "old event" | "cancel" | "reap";

interface Action {
  readonly doing: Doing;
  /** The process dies at its nth call, or lives. */
  readonly lifeCalls: number | null;
  readonly isLastCallMade: boolean;
  /** What AWS tells of a change comes to the queue so many times; 0: it is lost. */
  readonly told: number;
  readonly waitMs: number;
}

const action: fc.Arbitrary<Action> = fc.record({
  doing: fc.oneof(
    { weight: 6, arbitrary: fc.constant("work" as const) },
    { weight: 5, arbitrary: fc.constantFrom<Doing>("begin", "take the machine", "old event", "finish again", "reap") },
    { weight: 2, arbitrary: fc.constantFrom<Doing>("end well", "end badly", "cancel") },
  ),
  lifeCalls: fc.option(fc.integer({ min: 1, max: 25 }), { freq: 3 }),
  isLastCallMade: fc.boolean(),
  told: fc.integer({ min: 0, max: 2 }),
  waitMs: fc.constantFrom(0, 1_000, 16 * MINUTE_MS),
});

/** One delivery in a process of its own. Dying, it acknowledges nothing. */
async function deliver(
  place: Place,
  task: ReceivedTask,
  { lifeCalls, isLastCallMade }: Pick<Action, "lifeCalls" | "isLastCallMade">,
): Promise<void> {
  const { platform, workshop, death } = mortal(place.platform, place.workshop, lifeCalls ?? Infinity, isLastCallMade);
  const working = async (): Promise<void> => {
    if (task.queue === "finish") await finishTask(platform, workshop, readFinishMessage(task.body), { signal: never });
    else await trainTask(platform, workshop, task.body, { signal: never });
    await platform.queue.acknowledge(task);
  };
  await Promise.race([working().catch(() => {}), death]);
}

/** What AWS Batch does with a job that lives. */
function change(place: Place, job: TestJob, doing: Doing): Promise<void> | null {
  const { attempts, state } = job.report;
  const now = place.clock.now();
  const closed = attempts.map((one) => (one.stoppedAtMs === null ? { ...one, stoppedAtMs: now } : one));
  const become = (report: Partial<JobReport>): null => ((job.report = { ...job.report, ...report }), null);
  if (isOver(job.report)) return null;
  if (doing === "begin" && state === "waiting") return become({ state: "running", attempts: [...attempts, attempt(now, null)] });
  if (doing === "take the machine" && state === "running") return become({ state: "waiting", attempts: closed });
  if (state !== "running") return null;
  if (doing === "end badly") return become({ state: "failed", reason: "OutOfMemoryError", attempts: closed });
  if (doing !== "end well") return null;
  become({ state: "succeeded", attempts: closed });
  return putResult(place.platform.artifacts, job.request.modelId);
}

async function act(place: Place, runId: string, doing: Action): Promise<void> {
  const { queue } = place.platform;
  const [job] = place.jobs.all;
  const [model] = await place.platform.models.listModels();
  if (doing.doing === "finish again") await queue.enqueue("finish", [finishTaskOf(runId)]);
  if (doing.doing === "reap") await reap(place.platform, place.workshop);
  if (doing.doing === "cancel" && model !== undefined) await cancelModel(place.platform, model.id).catch(() => {});
  if (job !== undefined) {
    await change(place, job, doing.doing);
    const body = batchEvent(job.jobId, jobNameOf(job.request.modelId), "RUNNING");
    for (let n = 0; n < doing.told; n++) await queue.enqueue("train", [{ id: `event-${place.clock.now()}-${n}-${Math.random()}`, body }]);
  }
  const received = await Promise.all(QUEUES.map((name) => queue.receive(name, 2, VISIBLE_MS)));
  await Promise.all(received.flat().map((task) => deliver(place, task, doing)));
  for (const name of QUEUES) for (const letter of await queue.deadLetters(name)) await buryTask(place.platform, name, letter.body);
  await place.clock.advance(doing.waitMs);
}

/** Nobody dies any more, and the job comes to its end. */
async function settle(place: Place, runId: string): Promise<ModelRecord> {
  const calm = { lifeCalls: null, isLastCallMade: true, told: 0, waitMs: 16 * MINUTE_MS } as const;
  for (let round = 0; round < 60; round++) {
    for (const doing of ["reap", "begin", "end well", "reap"] as const) await act(place, runId, { ...calm, doing });
    const [model] = await place.platform.models.listModels();
    const [job] = place.jobs.all;
    if (model === undefined || OPEN_MODEL_STATES.includes(model.state) || (job !== undefined && !isOver(job.report))) continue;
    // What is still told and counted of a job that has ended.
    await act(place, runId, { ...calm, doing: "old event", told: 1 });
    return (await place.platform.models.getModel(model.id))!;
  }
  throw new Error("The model comes to no end.");
}

test("whatever dies, comes twice, late or never: one job a model, one end, and what its tries cost", { timeout: 300_000 }, async () => {
  const ends = new Map<string, number>();
  let deaths = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 24 }), async (actions) => {
      await using place = await controlPlace();
      const { models } = place.platform;
      const changeModel = models.changeModel.bind(models);
      let ended = 0;
      let dearest = 0;
      models.changeModel = async (...request) => {
        const before = (await models.getModel(request[0]))!;
        const after = await changeModel(...request);
        if (OPEN_MODEL_STATES.includes(before.state) && !OPEN_MODEL_STATES.includes(after.state)) ended += 1;
        expect(OPEN_MODEL_STATES.includes(before.state) || after.state === before.state).toBe(true);
        expect(after.costMicroUsd ?? 0).toBeGreaterThanOrEqual(dearest);
        dearest = after.costMicroUsd ?? 0;
        return after;
      };
      await place.put(BASE_KEY, BASE_CONFIG);
      const { id } = await finishedRun(place, { train: TRAIN });
      await place.platform.queue.enqueue("finish", [finishTaskOf(id)]);
      for (const doing of actions) {
        await act(place, id, doing);
        if (doing.lifeCalls !== null) deaths += 1;
      }
      const model = await settle(place, id);

      expect(await models.listModels()).toHaveLength(1);
      expect(place.jobs.all.length).toBeLessThanOrEqual(1);
      expect(ended).toBe(1);
      ends.set(model.state, (ends.get(model.state) ?? 0) + 1);
      const [job] = place.jobs.all;
      const attempts = job?.report.attempts ?? [];
      // Nobody pays for a job whose model was given up.
      expect(job === undefined || isOver(job.report)).toBe(true);
      expect(model.state !== "ready" || job?.report.state === "succeeded").toBe(true);
      expect(model.job?.attempts ?? 0).toBe(attempts.length);
      expect(model.costMicroUsd ?? 0).toBe(model.machine === null ? 0 : costOf(attempts, model.machine, place.clock.now()));
    }),
    { numRuns: 40 },
  );
  // Or the test would show nothing.
  expect(deaths).toBeGreaterThan(100);
  expect([...ends.keys()].toSorted()).toEqual(["cancelled", "failed", "ready"]);
});
