import { describe, expect, test } from "vitest";
import type { TeacherRequest } from "../../../core/agent/teacher.ts";
import { cancelRun } from "../../../core/control/cancel.ts";
import { resumeRun } from "../../../core/control/resume.ts";
import { workTask } from "../../../core/control/work.ts";
import { SandboxError, SeracError, TeacherError } from "../../../core/errors/index.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { controlPlace, never, TEACHER, type Place } from "./support/place.ts";
import { noSandbox } from "./support/sandbox.ts";
import { noSecret } from "./support/teacher.ts";

const ALLOWED = { deadlineMs: Infinity, owner: "unit", signal: never };

const samplesOf = (place: Place, runId: string) => place.platform.store.listSamples(runId, { limit: 100 });
const refusing = (code: "teacher_auth" | "teacher_connection") => (): Error => new TeacherError(code, "No.", { status: 401 });

/** Somebody sleeps in the midst of it. */
async function letTimePass({ clock }: Place, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const settled = work.finally(() => done.abort());
  while (!done.signal.aborted) await clock.advance(1_000);
  await settled;
}

describe("a task of a sample", () => {
  test("that another worker holds comes again after half a lease", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    const sample = sampleIdOf(id, 0);
    await place.platform.queue.purge("work");
    const lease = await place.platform.store.acquireLease(sample, "other", 60_000);
    expect(await workTask(place.platform, place.workshop, sample, ALLOWED)).toBe("busy");
    expect(await place.platform.queue.receive("work", 1, 1)).toEqual([]);
    await place.platform.store.releaseLease(lease!);
    await place.clock.advance(30_000);
    await place.drain();
    expect((await samplesOf(place, id))[0]!.state).toBe("accepted");
  });

  test("is dropped when the run is paused or cancelled", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    await cancelRun(place.platform, id);
    expect(await workTask(place.platform, place.workshop, sampleIdOf(id, 0), ALLOWED)).toBe("dropped");
    expect(place.teacher.answered.size).toBe(0);
  });

  test("stops when the run is cancelled from elsewhere in the middle", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    const calls: TeacherRequest[] = [];
    const chat = place.teacher.chat.bind(place.teacher);
    place.teacher.chat = async (request) => {
      calls.push(request);
      if (calls.length < 2) return chat(request);
      await place.platform.store.changeRun(id, ["running"], { state: "cancelled" });
      await place.clock.advance(10_000);
      // The look at the run comes while the teacher thinks.
      if (!request.signal!.aborted) await new Promise((resolve) => request.signal!.addEventListener("abort", resolve));
      throw request.signal!.reason;
    };
    expect(await workTask(place.platform, place.workshop, sampleIdOf(id, 0), ALLOWED)).toBe("dropped");
    expect((await samplesOf(place, id))[0]!.state).toBe("first");
    await place.drain();
    expect(calls).toHaveLength(2);
  });

  test("is no sample of ours: thrown, and buried in the end", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    for (const body of ["", "garbage", '{"runId":1}']) {
      await expect(workTask(place.platform, place.workshop, body, ALLOWED)).rejects.toMatchObject({ code: "record_invalid" });
    }
    await expect(workTask(place.platform, place.workshop, sampleIdOf("unknown", 0), ALLOWED)).rejects.toMatchObject({
      code: "run_unknown",
    });
    await expect(workTask(place.platform, place.workshop, sampleIdOf(id, 999), ALLOWED)).rejects.toMatchObject({ code: "sample_unknown" });
    expect((await place.run(id)).state).toBe("running");
  });

  test("is thrown when the store has no time, and the sample goes on", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    const { journal } = place.platform;
    const append = journal.append.bind(journal);
    journal.append = () => Promise.reject(new SeracError("cloud_throttled", "Slow down."));
    await expect(workTask(place.platform, place.workshop, sampleIdOf(id, 0), ALLOWED)).rejects.toMatchObject({ code: "cloud_throttled" });
    journal.append = append;
    expect((await samplesOf(place, id))[0]).toMatchObject({ state: "first", reason: null });
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("that brings nothing forward in all its time is thrown, so that it cannot go on for ever", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    const stop = new AbortController();
    place.teacher.chat = async (request) => {
      await place.clock.advance(120_000);
      stop.abort();
      throw request.signal!.reason;
    };
    // The opening messages are written down, which is a step but not one that cost time.
    const sample = sampleIdOf(id, 0);
    const allowed = { ...ALLOWED, signal: stop.signal, leaseMs: 1_000_000 };
    expect(await workTask(place.platform, place.workshop, sample, allowed)).toBe("continue");
    const again = new AbortController();
    place.teacher.chat = async (request) => {
      await place.clock.advance(120_000);
      again.abort();
      throw request.signal!.reason;
    };
    await expect(workTask(place.platform, place.workshop, sample, { ...allowed, signal: again.signal })).rejects.toMatchObject({
      code: "unfinished",
    });
  });
});

describe("the run is paused", () => {
  test("at its budget, and goes on with a larger one without paying twice", async () => {
    await using place = await controlPlace();
    const id = await place.running({ budget: { usd: 0.004 }, teacher: { ...TEACHER, maxOutputTokens: 10 } });
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "paused", detail: expect.stringContaining("budget") });
    expect(await place.platform.queue.depth("work")).toMatchObject({ waiting: 0 });
    const paid = place.teacher.answered.size;
    expect(paid).toBeGreaterThan(0);
    const summary = await resumeRun(place.platform, id, { budgetMicroUsd: null, retryFailed: false });
    expect(summary).toMatchObject({ state: "preparing", spend: { budgetMicroUsd: null } });
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "finished", detail: null });
    expect([...place.teacher.answered.values()].every((times) => times === 1)).toBe(true);
    expect(place.sandbox.prepared).toEqual([id]);
  });

  test("when the teacher refuses the key", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    place.teacher.refuse = refusing("teacher_auth");
    expect(await workTask(place.platform, place.workshop, sampleIdOf(id, 0), ALLOWED)).toBe("paused");
    expect(await workTask(place.platform, place.workshop, sampleIdOf(id, 1), ALLOWED)).toBe("dropped");
    expect((await samplesOf(place, id)).map(({ state }) => state)).toEqual(["first", "planned", "planned"]);
  });

  test("when its secret is gone, and when permissions are", async () => {
    await using place = await controlPlace();
    const id = await place.running();
    const workshop = { ...place.workshop, teacher: () => Promise.reject(noSecret()) };
    expect(await workTask(place.platform, workshop, sampleIdOf(id, 0), ALLOWED)).toBe("paused");
    expect(await place.run(id)).toMatchObject({
      state: "paused",
      detail: "There is no secret serac/teacher. Create it in AWS Secrets Manager.",
    });
    await resumeRun(place.platform, id, { retryFailed: false });
    const { journal } = place.platform;
    const append = journal.append.bind(journal);
    journal.append = () => Promise.reject(new SeracError("cloud_denied", "s3:PutObject is denied.", { hint: "Deploy again." }));
    await place.drain();
    expect(await place.run(id)).toMatchObject({ state: "paused", detail: "s3:PutObject is denied. Deploy again." });
    journal.append = append;
    await resumeRun(place.platform, id, { retryFailed: false });
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("after five samples in a row that failed for an outside reason, and takes them up again", async () => {
    await using place = await controlPlace();
    const id = await place.running({ plan: { samples: 12, perFunction: 12 }, rollout: { attempts: 1 } });
    place.sandbox.broken = noSandbox();
    await letTimePass(place, place.drain());
    expect(await place.run(id)).toMatchObject({
      state: "paused",
      detail: expect.stringContaining("The sandbox failed for 5 samples in a row."),
    });
    expect((await samplesOf(place, id)).filter(({ reason }) => reason === "environment")).toHaveLength(5);
    place.sandbox.broken = null;
    await expect(resumeRun(place.platform, "unknown", { retryFailed: true })).rejects.toMatchObject({ code: "run_unknown" });
    await resumeRun(place.platform, id, { retryFailed: true });
    await expect(resumeRun(place.platform, id, { retryFailed: true })).rejects.toMatchObject({ code: "run_not_resumable" });
    await place.drain();
    expect((await samplesOf(place, id)).every(({ state }) => state === "accepted")).toBe(true);
    expect((await place.run(id)).state).toBe("finished");
  });

  test("not by faults with good samples in between", async () => {
    await using place = await controlPlace();
    const id = await place.running({ plan: { samples: 14, perFunction: 14 }, rollout: { attempts: 1 } });
    const open = place.sandbox.open.bind(place.sandbox);
    let opened = 0;
    // A sample that goes well opens two machines, one that fails tries its only one twice.
    place.sandbox.open = (...request) => {
      opened += 1;
      return opened % 4 < 2 ? open(...request) : Promise.reject(new SandboxError("sandbox_failed", "No."));
    };
    await letTimePass(place, place.drain());
    const reasons = (await samplesOf(place, id)).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "environment").length).toBeGreaterThan(5);
    expect((await place.run(id)).state).toBe("finished");
  });
});
