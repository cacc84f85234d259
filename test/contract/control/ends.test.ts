import { describe, expect, test } from "vitest";
import { buryTask } from "../../../core/control/bury.ts";
import { cancelRun } from "../../../core/control/cancel.ts";
import { finishTask } from "../../../core/control/finish.ts";
import { finishTaskOf, prepareTaskOf, readPrepareMessage } from "../../../core/control/messages.ts";
import { prepareTask } from "../../../core/control/prepare.ts";
import { reap } from "../../../core/control/reap.ts";
import { resumeRun } from "../../../core/control/resume.ts";
import { SandboxError, SeracError, TeacherError } from "../../../core/errors/index.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { controlPlace, never, type Place } from "./support/place.ts";
import { noSecret } from "./support/teacher.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A run whose samples all have their result. */
async function ended(place: Place): Promise<string> {
  const id = await place.running();
  await place.drain({}, ["work"]);
  return id;
}

const finish = (place: Place, runId: string) => finishTask(place.platform, place.workshop, { runId }, { signal: never });
const samplesOf = (place: Place, runId: string) => place.platform.store.listSamples(runId, { limit: 100 });

/** Counts the changes that made a run finished. */
function countFinishes({ platform }: Place): { times: number } {
  const counted = { times: 0 };
  const { store } = platform;
  const changeRun = store.changeRun.bind(store);
  store.changeRun = async (runId, from, change) => {
    const run = await changeRun(runId, from, change);
    if (change.state === "finished") counted.times += 1;
    return run;
  };
  return counted;
}

describe("finishing", () => {
  test("twice at once is once", async () => {
    await using place = await controlPlace();
    const id = await ended(place);
    const counted = countFinishes(place);
    expect(await Promise.all([finish(place, id), finish(place, id)])).toEqual(["finished", "finished"]);
    expect(counted.times).toBe(1);
    const released = place.sandbox.released.length;
    expect(released).toBeGreaterThan(0);
    expect(await finish(place, id)).toBe("finished");
    expect(place.sandbox.released).toHaveLength(released);
  });

  test("after a finisher that died behind the export, or behind the change, is once", async () => {
    await using place = await controlPlace();
    const id = await ended(place);
    const counted = countFinishes(place);
    const dying = { ...place.workshop, exportDataset: () => Promise.reject(new SeracError("cloud_failed", "The connection broke.")) };
    await expect(finishTask(place.platform, dying, { runId: id }, { signal: never })).rejects.toMatchObject({ code: "cloud_failed" });
    expect(await place.run(id)).toMatchObject({ state: "running", detail: expect.stringContaining("The connection broke.") });
    const release = place.sandbox.release!.bind(place.sandbox);
    place.sandbox.release = () => Promise.reject(new SandboxError("sandbox_failed", "No."));
    await expect(finish(place, id)).rejects.toMatchObject({ code: "sandbox_failed" });
    place.sandbox.release = release;
    expect(await finish(place, id)).toBe("finished");
    expect(await place.run(id)).toMatchObject({ state: "finished", detail: null, dataset: `datasets/${id}` });
    expect(counted.times).toBe(1);
  });

  test("waits for the last sample, and does nothing for runs that ended otherwise", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    expect(await finish(place, id)).toBe("dropped");
    await place.platform.store.changeRun(id, ["running"], { state: "failed" });
    expect(await finish(place, id)).toBe("dropped");
    expect(place.exported).toEqual([]);
  });

  test("writes what a cancelled run had accepted, and leaves the run cancelled", async () => {
    await using place = await controlPlace();
    const id = await ended(place);
    await cancelRun(place.platform, id);
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "cancelled", dataset: `datasets/${id}` });
    await cancelRun(place.platform, id);
    await place.drain();
    expect(place.exported).toEqual([id]);
  });

  test("writes nothing for a run that was cancelled before anything was accepted", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    await cancelRun(place.platform, id);
    await place.drain();
    expect(place.exported).toEqual([]);
    expect((await place.run(id)).dataset).toBeUndefined();
  });
});

describe("a dead letter", () => {
  test("of a sample fails it, and the run ends without it", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    const poison = sampleIdOf(id, 1);
    place.teacher.refuse = ({ callId }) => (callId.startsWith(poison) ? new SeracError("cloud_failed", "Out of memory.") : null);
    const { queue } = place.platform;
    await place.drain().catch(() => {});
    place.teacher.refuse = () => null;
    for (let tries = 0; tries < 10; tries++) {
      await place.clock.advance(2 * HOUR_MS);
      const [task] = await queue.receive("work", 1, 1);
      if (task !== undefined && task.body !== poison) await queue.acknowledge(task);
    }
    const dead = await queue.deadLetters("work");
    expect(dead.map(({ body }) => body)).toEqual([poison]);
    for (const index of [0, 2]) await queue.enqueue("work", [{ id: sampleIdOf(id, index), body: sampleIdOf(id, index) }]);
    expect(await buryTask(place.platform, "work", dead[0]!.body)).toBe("sample failed");
    expect(await buryTask(place.platform, "work", dead[0]!.body)).toBe("sample failed");
    await place.drain();
    expect((await samplesOf(place, id)).map(({ state, reason }) => [state, reason])).toEqual([
      ["accepted", null],
      ["failed", "internal"],
      ["accepted", null],
    ]);
    expect((await place.run(id)).state).toBe("finished");
  });

  test("of a sample that somebody works on is no reason to fail it", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    await place.platform.store.acquireLease(sampleIdOf(id, 0), "worker", MINUTE_MS);
    await expect(buryTask(place.platform, "work", sampleIdOf(id, 0))).rejects.toMatchObject({ code: "state_conflict" });
    expect((await samplesOf(place, id))[0]!.state).toBe("planned");
  });

  test("of a paused run fails nothing, since the sample gets another task", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    await place.platform.store.changeRun(id, ["running"], { state: "paused" });
    expect(await buryTask(place.platform, "work", sampleIdOf(id, 0))).toBe("nothing");
  });

  test("of a preparation fails the run with the last error, and the run can be taken up again", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    const prepare = place.sandbox.prepare.bind(place.sandbox);
    place.sandbox.prepare = () => Promise.reject(new SeracError("cloud_failed", "The image store does not answer."));
    await expect(place.drain()).rejects.toMatchObject({ code: "cloud_failed" });
    expect(await buryTask(place.platform, "prepare", prepareTaskOf({ runId: id }).body)).toBe("run stopped");
    expect(await place.run(id)).toMatchObject({ state: "failed", detail: expect.stringContaining("The image store does not answer.") });
    place.sandbox.prepare = prepare;
    await place.platform.queue.purge("prepare");
    await resumeRun(place.platform, id, { retryFailed: false });
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "finished", detail: null });
  });

  test("of a preparation that was delivered twice does not stop a run that went on", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    expect(await buryTask(place.platform, "prepare", prepareTaskOf({ runId: id }).body)).toBe("nothing");
    expect(await buryTask(place.platform, "prepare", prepareTaskOf({ runId: id, isReady: true }).body)).toBe("run stopped");
    expect((await place.run(id)).state).toBe("paused");
  });

  test("of a finish fails the run; resumed, it is written again", async () => {
    await using place = await controlPlace();
    const id = await ended(place);
    await place.platform.queue.purge("finish");
    expect(await buryTask(place.platform, "finish", finishTaskOf(id).body)).toBe("run stopped");
    expect(await place.run(id)).toMatchObject({ state: "failed", detail: expect.stringContaining("the dataset could not be written") });
    await resumeRun(place.platform, id, { retryFailed: false });
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test.each(["prepare", "work", "finish"] as const)("of %s that nobody of ours wrote is nothing", async (queue) => {
    await using place = await controlPlace();
    for (const body of ["", "{", "[]", '{"runId":""}', '{"runId":"unknown"}', sampleIdOf("unknown", 3)]) {
      expect(await buryTask(place.platform, queue, body)).toBe("nothing");
    }
  });
});

describe("preparing", () => {
  test("a teacher that does not know the model fails the run before anything is unpacked", async () => {
    await using place = await controlPlace();
    place.teacher.unknown = noSecret();
    const { id } = await place.start();
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "failed", detail: expect.stringContaining("There is no secret") });
    expect(await place.platform.artifacts.exists(`runs/${id}/repository`)).toBe(false);
    place.teacher.unknown = null;
    await resumeRun(place.platform, id, { retryFailed: false });
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("an install that fails is the user's to mend", async () => {
    await using place = await controlPlace();
    place.sandbox.prepare = () => Promise.reject(new SandboxError("sandbox_install_failed", "pip install failed: no such package."));
    const { id } = await place.start();
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "failed", detail: expect.stringContaining("no such package") });
  });

  test("a repository without functions fails the run", async () => {
    await using place = await controlPlace();
    const { id } = await place.start({}, { "README.md": "Nothing here." });
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "failed", detail: expect.stringContaining("No functions were found in one") });
  });

  test("out of time in the middle of a part goes on in another task, unless nothing at all was achieved", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    const [task] = await place.platform.queue.receive("prepare", 1, MINUTE_MS);
    const message = readPrepareMessage(task!.body);
    const stop = new AbortController();
    const prepare = place.sandbox.prepare.bind(place.sandbox);
    place.sandbox.prepare = (request) => {
      stop.abort(new Error("The function's time is up."));
      return Promise.reject(request.signal!.reason as Error);
    };
    const options = { deadlineMs: Infinity, signal: stop.signal };
    await place.clock.advance(1);
    // The teacher was asked and the archive was kept.
    expect(await prepareTask(place.platform, place.workshop, message, options)).toBe("continue");
    await expect(prepareTask(place.platform, place.workshop, { ...message, isTeacherKnown: true }, options)).rejects.toThrow("time is up");
    place.sandbox.prepare = prepare;
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("a run that is cancelled meanwhile stays so", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    const prepare = place.sandbox.prepare.bind(place.sandbox);
    place.sandbox.prepare = async (request) => {
      await place.platform.store.changeRun(id, ["preparing"], { state: "cancelled" });
      return prepare(request);
    };
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "cancelled", planned: 0 });
  });
});

describe("resuming", () => {
  test("refuses what has nothing left to do", async () => {
    await using place = await controlPlace();
    const id = await ended(place);
    await place.drain();
    for (const retryFailed of [true, false]) {
      await expect(resumeRun(place.platform, id, { retryFailed })).rejects.toMatchObject({ code: "run_not_resumable" });
    }
    await place.platform.store.changeRun(id, ["finished"], { state: "cancelled" });
    await expect(resumeRun(place.platform, id, { retryFailed: true })).rejects.toMatchObject({ code: "run_not_resumable" });
  });

  test("a finished run with its failed samples makes its base and its dataset anew", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    place.teacher.refuse = ({ callId }) =>
      callId.includes("-describe") ? new TeacherError("teacher_rejected", "No.", { status: 422 }) : null;
    await place.drain();
    expect((await samplesOf(place, id)).every(({ reason }) => reason === "teacher_refused")).toBe(true);
    expect(await place.run(id)).toMatchObject({ state: "finished", sandbox: null });
    place.teacher.refuse = () => null;
    await place.platform.artifacts.remove("uploads/one");
    await resumeRun(place.platform, id, { retryFailed: true });
    await place.drain({ deadlineMs: Infinity });
    expect((await samplesOf(place, id)).every(({ state }) => state === "accepted")).toBe(true);
    expect(await place.run(id)).toMatchObject({ state: "finished", planned: 3 });
    expect(place.sandbox.prepared).toEqual([id, id]);
    expect(place.exported).toEqual([id, id]);
  });
});

describe("the reaper", () => {
  test("gives samples that lost their tasks new ones, when the run has been quiet for a while", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    await place.platform.queue.purge("work");
    await place.platform.store.acquireLease(sampleIdOf(id, 2), "worker", HOUR_MS);
    expect(await reap(place.platform, place.workshop)).toMatchObject({ runs: 1, revived: 0 });
    await place.clock.advance(5 * MINUTE_MS);
    expect(await reap(place.platform, place.workshop)).toMatchObject({ revived: 0 });
    await place.clock.advance(6 * MINUTE_MS);
    // One is being worked on.
    expect(await reap(place.platform, place.workshop)).toMatchObject({ revived: 2 });
    // They wait for a worker now.
    expect(await reap(place.platform, place.workshop)).toMatchObject({ revived: 0 });
    await place.clock.advance(HOUR_MS);
    await place.drain({}, ["work"]);
    await place.clock.advance(HOUR_MS);
    await reap(place.platform, place.workshop);
    await place.clock.advance(HOUR_MS);
    expect(await reap(place.platform, place.workshop)).toMatchObject({ revived: 1 });
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("leaves a run alone that makes progress", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    await reap(place.platform, place.workshop);
    await place.clock.advance(HOUR_MS);
    await place.platform.store.settle(id, "some/0", 1, { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 });
    await place.platform.queue.purge("work");
    expect(await reap(place.platform, place.workshop)).toMatchObject({ revived: 0 });
  });

  test("repeats a lost preparation and a lost finish", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    await place.platform.queue.purge("prepare");
    await place.clock.advance(11 * MINUTE_MS);
    expect(await reap(place.platform, place.workshop)).toMatchObject({ preparationsRepeated: 1 });
    expect(await reap(place.platform, place.workshop)).toMatchObject({ preparationsRepeated: 0 });
    await place.drain({}, ["prepare"]);
    await place.drain({}, ["work"]);
    await place.platform.queue.purge("finish");
    await reap(place.platform, place.workshop);
    await place.clock.advance(11 * MINUTE_MS);
    expect(await reap(place.platform, place.workshop)).toMatchObject({ finishesRepeated: 1 });
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("fails a run that nobody can prepare, releases bases that nobody needs, and asks the provider for the rest", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    const done = await place.running();
    await place.platform.store.changeRun(done, ["running"], { state: "cancelled" });
    const asked: [string, boolean][] = [];
    place.sandbox.reap = async (isNeeded) => {
      for (const runId of [id, done, "unknown"]) asked.push([runId, await isNeeded(runId)]);
      return { machines: 2, bases: 1 };
    };
    const before = await reap(place.platform, place.workshop);
    expect(before).toMatchObject({ runsFailed: 0, basesReleased: 2, machinesEnded: 2 });
    expect(place.sandbox.released).toEqual([done]);
    expect(asked).toEqual([
      [id, true],
      [done, false],
      ["unknown", false],
    ]);
  });

  test("gives up a preparation after two days", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    await place.clock.advance(49 * HOUR_MS);
    expect(await reap(place.platform, place.workshop)).toMatchObject({ runsFailed: 1 });
    expect(await place.run(id)).toMatchObject({ state: "failed", detail: expect.stringContaining("within two days") });
  });
});
