import { describe, expect, test } from "vitest";
import { buryTask } from "../../../core/control/bury.ts";
import { prepareTaskOf } from "../../../core/control/messages.ts";
import { reap } from "../../../core/control/reap.ts";
import { resumeRun } from "../../../core/control/resume.ts";
import { workTask } from "../../../core/control/work.ts";
import { SeracError, TeacherError } from "../../../core/errors/index.ts";
import { placeOfSample, sampleIdOf } from "../../../core/plan/sample-id.ts";
import { FINAL_STATES } from "../../../core/svg/sample.ts";
import { controlPlace, filesWith, never, TEACHER, type Place } from "./support/place.ts";

const MINUTE_MS = 60_000;

/** A run of so many samples, of which the teacher bears `concurrency` at once; prepared. */
const runOf = (place: Place, samples: number, concurrency: number): Promise<string> =>
  place.running({ teacher: { ...TEACHER, concurrency }, plan: { samples, perFunction: 8 } }, filesWith(Math.ceil(samples / 8)));

const allowed = (owner = "unit") => ({ deadlineMs: Infinity, owner, signal: never });
const work = (place: Place, sampleId: string) => workTask(place.platform, place.workshop, sampleId, allowed());
const samplesOf = (place: Place, runId: string) => place.platform.store.listSamples(runId, { limit: 1000 });
const areEnded = async (place: Place, runId: string) => (await samplesOf(place, runId)).map(({ state }) => FINAL_STATES.includes(state));

/** Indexes of the samples that have a task now, which is taken away from them. */
async function tasksOf({ platform }: Place): Promise<number[]> {
  const tasks = await platform.queue.receive("work", 1000, 1);
  for (const task of tasks) await platform.queue.acknowledge(task);
  return tasks.map(({ body }) => placeOfSample(body)!.index);
}

/** Whose tasks do not get lost, but never come: as if the process had died before it sent them. */
async function losingTasks<T>({ platform }: Place, during: () => Promise<T>): Promise<void> {
  const enqueue = platform.queue.enqueue.bind(platform.queue);
  platform.queue.enqueue = () => Promise.reject(new SeracError("cloud_failed", "It died."));
  await expect(during()).rejects.toMatchObject({ code: "cloud_failed" });
  platform.queue.enqueue = enqueue;
}

describe("a run", () => {
  test("gets as many tasks as its teacher bears, and one more for each sample that ends", async () => {
    await using place = await controlPlace();
    const id = await runOf(place, 5, 2);
    expect(await tasksOf(place)).toEqual([0, 1]);
    for (const [sample, next] of [
      [1, [2]],
      [0, [3]],
      [2, [4]],
      [4, []],
    ] as const) {
      expect(await work(place, sampleIdOf(id, sample))).toBe("done");
      expect(await tasksOf(place)).toEqual(next);
    }
    expect(await place.platform.queue.depth("finish")).toMatchObject({ waiting: 0 });
    expect(await work(place, sampleIdOf(id, 3))).toBe("done");
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("has never more samples under way than that, however many workers there are", async () => {
    await using place = await controlPlace();
    const id = await runOf(place, 15, 3);
    const busy = new Set<string>();
    let most = 0;
    const chat = place.teacher.chat.bind(place.teacher);
    place.teacher.chat = async (request) => {
      busy.add(request.callId);
      most = Math.max(most, busy.size);
      await new Promise((resolve) => setImmediate(resolve));
      return chat(request).finally(() => busy.delete(request.callId));
    };
    const { queue } = place.platform;
    const worker = async (owner: string): Promise<void> => {
      while ((await place.platform.queue.depth("finish")).waiting === 0) {
        const [task] = await queue.receive("work", 1, MINUTE_MS);
        if (task === undefined) await new Promise((resolve) => setImmediate(resolve));
        else await workTask(place.platform, place.workshop, task.body, allowed(owner)).then(() => queue.acknowledge(task));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => worker(`worker-${n}`)));
    expect(most).toBe(3);
    expect(await areEnded(place, id)).not.toContain(false);
  });

  test("does not wait for another one to be through", async () => {
    await using place = await controlPlace();
    const large = await runOf(place, 40, 2);
    const small = await runOf(place, 4, 2);
    const order: string[] = [];
    const { store } = place.platform;
    const transition = store.transition.bind(store);
    store.transition = async (...request) => {
      const sample = await transition(...request);
      if (FINAL_STATES.includes(sample.state)) order.push(sample.runId);
      return sample;
    };
    await place.drain();
    expect(order.filter((run) => run === large)).toHaveLength(40);
    // Turn and turn about, as they came.
    expect(order.lastIndexOf(small)).toBeLessThan(10);
  });

  test("goes on with its samples in place of one that is buried", async () => {
    await using place = await controlPlace();
    const id = await runOf(place, 4, 2);
    expect(await tasksOf(place)).toEqual([0, 1]);
    expect(await buryTask(place.platform, "work", sampleIdOf(id, 1))).toBe("sample failed");
    expect(await tasksOf(place)).toEqual([2]);
    expect(await buryTask(place.platform, "work", sampleIdOf(id, 1))).toBe("sample failed");
    expect(await tasksOf(place)).toEqual([]);
  });

  test("begins again with the first open samples when it is resumed, the failed ones that are taken up included", async () => {
    await using place = await controlPlace();
    const id = await runOf(place, 16, 3);
    place.teacher.refuse = ({ callId }) => {
      const { index } = placeOfSample(callId)!;
      if (index === 9) return new TeacherError("teacher_auth", "No.", { status: 401 });
      return index % 2 === 0 && callId.includes("-describe") ? new TeacherError("teacher_rejected", "No.", { status: 422 }) : null;
    };
    await place.drain();
    expect((await place.run(id)).state).toBe("paused");
    expect((await samplesOf(place, id)).filter(({ state }) => state === "failed").length).toBeGreaterThan(3);
    place.teacher.refuse = () => null;
    await place.platform.queue.purge("work");
    await resumeRun(place.platform, id, { retryFailed: true });
    await place.drain({}, ["prepare"]);
    expect(await tasksOf(place)).toEqual([0, 2, 4]);
    expect(await work(place, sampleIdOf(id, 2))).toBe("done");
    expect(await tasksOf(place)).toEqual([6]);
    for (const index of [0, 4, 6]) await work(place, sampleIdOf(id, index));
    await place.drain();
    expect((await samplesOf(place, id)).every(({ state }) => state === "accepted")).toBe(true);
    expect((await place.run(id)).state).toBe("finished");
  });

  test("that is told twice to go on gives the same tasks twice, and no others", async () => {
    await using place = await controlPlace();
    const id = await runOf(place, 9, 3);
    expect(await tasksOf(place)).toEqual([0, 1, 2]);
    await work(place, sampleIdOf(id, 1));
    expect(await tasksOf(place)).toEqual([3]);
    await place.platform.queue.enqueue("prepare", [prepareTaskOf({ runId: id, nextIndex: 9, isReady: true })]);
    await place.drain({}, ["prepare"]);
    expect(await tasksOf(place)).toEqual([0, 2, 3]);
    await work(place, sampleIdOf(id, 0));
    expect(await tasksOf(place)).toEqual([4]);
  });
});

describe("a task that gets lost", () => {
  test("before it was thought of is made up for by whoever comes next", async () => {
    await using place = await controlPlace();
    const id = await runOf(place, 9, 3);
    expect(await tasksOf(place)).toEqual([0, 1, 2]);
    const { store } = place.platform;
    const taskWindow = store.taskWindow.bind(store);
    store.taskWindow = () => Promise.reject(new SeracError("cloud_failed", "It died."));
    await expect(work(place, sampleIdOf(id, 0))).rejects.toMatchObject({ code: "cloud_failed" });
    await expect(work(place, sampleIdOf(id, 1))).rejects.toMatchObject({ code: "cloud_failed" });
    store.taskWindow = taskWindow;
    // The first of them comes again: its sample has ended, and so has the other one.
    expect(await work(place, sampleIdOf(id, 0))).toBe("done");
    expect(await tasksOf(place)).toEqual([3, 4]);
    expect(await work(place, sampleIdOf(id, 1))).toBe("done");
    expect(await tasksOf(place)).toEqual([]);
  });

  test("on its way is found by the reaper, while the run goes on", async () => {
    await using place = await controlPlace();
    const id = await runOf(place, 9, 3);
    await tasksOf(place);
    await losingTasks(place, () => work(place, sampleIdOf(id, 0)));
    for (const index of [1, 2]) await place.platform.store.acquireLease(sampleIdOf(id, index), "worker", 60 * MINUTE_MS);
    expect(await reap(place.platform, place.workshop)).toMatchObject({ revived: 0 });
    await place.clock.advance(11 * MINUTE_MS);
    await place.platform.store.settle(id, "some/0", 1, { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 });
    expect(await reap(place.platform, place.workshop)).toMatchObject({ revived: 1 });
    expect(await tasksOf(place)).toEqual([3]);
    await place.clock.advance(60 * MINUTE_MS);
    for (const index of [1, 2, 3]) expect(await work(place, sampleIdOf(id, index))).toBe("done");
    expect(await tasksOf(place)).toEqual([4, 5, 6]);
  });

  test("of a sample that ends every worker is not replaced for ever", async () => {
    await using place = await controlPlace();
    await runOf(place, 3, 1);
    await tasksOf(place);
    let revived = 0;
    for (let look = 0; look < 20; look++) {
      await place.clock.advance(11 * MINUTE_MS);
      revived += (await reap(place.platform, place.workshop)).revived;
      await tasksOf(place);
    }
    expect(revived).toBe(3);
  });
});
