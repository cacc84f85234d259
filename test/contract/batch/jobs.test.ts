import { describe, expect, test } from "vitest";
import type { JobReport } from "../../../core/training/jobs.ts";
import { FOREVER, HOUR, ONE_P5, type Place, placeFor, until } from "./place.ts";

const MODEL = "parcels.v2_a-1f3b";
const ended = ({ jobs }: Place, jobId: string): Promise<JobReport> =>
  until(async () => {
    const report = await jobs.describe(jobId);
    return report.state === "succeeded" || report.state === "failed" ? report : null;
  });
const submit = ({ jobs }: Place, modelId = MODEL) => jobs.submit({ modelId, choice: ONE_P5, timeoutSeconds: HOUR });
const running = ({ jobs, service }: Place, jobId: string): Promise<true> =>
  until(async () =>
    (await jobs.describe(jobId)).state === "running" && service.jobs.find(({ id }) => id === jobId)!.said.includes("here") ? true : null,
  );

describe("a job", () => {
  test("is given the model's address and the machine's GPUs, and nothing that is secret", async () => {
    const place = await placeFor(() => "");
    const { jobId } = await submit(place);
    const report = await ended(place, jobId);
    expect(report).toMatchObject({ state: "succeeded", reason: null, capacity: "spot", attempts: [{ exitCode: 0, reason: null }] });
    expect(report.attempts[0]!.stoppedAtMs).toBeGreaterThanOrEqual(report.attempts[0]!.startedAtMs!);
    expect(place.starts.map(({ command }) => command)).toEqual([["--root", `s3://serac-artifacts/models/${MODEL}/`]]);
    expect(place.service.jobs[0]!.request).toMatchObject({
      jobName: "parcels_-v2__a-1f3b",
      containerOverrides: {
        resourceRequirements: [
          { type: "GPU", value: "8" },
          { type: "VCPU", value: "192" },
          { type: "MEMORY", value: "1887436" },
        ],
      },
      timeout: { attemptDurationSeconds: HOUR },
      tags: { "serac-model": MODEL },
    });
    expect(place.service.violations).toEqual([]);
  });

  test("is told of in events, from its submission to its end", async () => {
    const place = await placeFor(() => "");
    await ended(place, (await submit(place)).jobId);
    await place.service.delivered();
    expect(place.events.map(({ detail }) => detail["status"])).toEqual(["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]);
    expect(place.events[0]).toMatchObject({ source: "aws.batch", "detail-type": "Batch Job State Change" });
  });

  test("asked for twice, one after the other or at once, is one job", async () => {
    const place = await placeFor(() => FOREVER);
    const both = await Promise.all([submit(place), submit(place)]);
    const third = await submit(place);
    const living = await until(() => {
      const found = place.service.jobs.filter(({ isOver }) => !isOver);
      return found.length === 1 ? found : null;
    });
    expect([...both, third]).toEqual(Array.from({ length: 3 }, () => ({ jobId: living[0]!.id })));
    expect(await submit(place, MODEL.toUpperCase())).not.toEqual(third);
  });

  test("whose submission was not answered is found again", async () => {
    const place = await placeFor(() => FOREVER);
    for (const isDone of [true, false]) place.service.faults.push({ call: "SubmitJob", name: "ServerException", status: 500, isDone });
    await expect(submit(place)).rejects.toMatchObject({ code: "cloud_failed" });
    const { jobId } = await submit(place);
    expect(place.service.jobs.map(({ id }) => id)).toEqual([jobId]);
  });

  test("that ended is not begun again under the same name", async () => {
    const place = await placeFor(() => "process.exit(2)");
    const { jobId } = await submit(place);
    await ended(place, jobId);
    expect(await submit(place)).toEqual({ jobId });
    expect(place.starts).toHaveLength(1);
  });
});

describe("what goes wrong", () => {
  test("a spot machine that is taken away: the job is tried again elsewhere, and both tries are told", async () => {
    const place = await placeFor(({ attempt }) => (attempt === 1 ? FOREVER : ""));
    const { jobId } = await submit(place);
    await running(place, jobId);
    await place.service.spotStop(jobId);
    const { state, attempts } = await ended(place, jobId);
    expect(state).toBe("succeeded");
    expect(attempts.map(({ exitCode }) => exitCode)).toEqual([null, 0]);
    expect(attempts[0]!.reason).toMatch(/^The machine was taken away \(Host EC2 \(instance i-[0-9a-f]{17}\) terminated\)\.$/);
  });

  test("a container that hears SIGTERM and ends with the trainer's own code is tried again", async () => {
    const place = await placeFor(({ attempt }) => (attempt === 1 ? `process.on("SIGTERM", () => process.exit(75)); ${FOREVER}` : ""));
    const { jobId } = await submit(place);
    await running(place, jobId);
    await place.service.spotStop(jobId, { isLost: false });
    expect((await ended(place, jobId)).attempts.map(({ exitCode }) => exitCode)).toEqual([75, 0]);
  });

  test("a container that does not hear SIGTERM is killed when the stop timeout is over", async () => {
    const place = await placeFor(() => `process.on("SIGTERM", () => {}); ${FOREVER}`, { stopTimeoutMs: 50 });
    const { jobId } = await submit(place);
    await running(place, jobId);
    await place.jobs.cancel(jobId, "nobody wants it any more");
    expect(await ended(place, jobId)).toMatchObject({ reason: "nobody wants it any more", attempts: [{ exitCode: 137 }] });
  });

  test.each([1, 2, 137])("a trainer that ends with %i is not tried again", async (code) => {
    const place = await placeFor(() => `process.exit(${code})`);
    const { state, attempts } = await ended(place, (await submit(place)).jobId);
    expect([state, attempts.map(({ exitCode }) => exitCode)]).toEqual(["failed", [code]]);
  });

  test("trouble that never passes ends after ten tries", async () => {
    const place = await placeFor(() => "process.exit(75)");
    const { state, attempts } = await ended(place, (await submit(place)).jobId);
    expect([state, attempts.length]).toEqual(["failed", 10]);
  });

  test("a job that takes too long is ended, and not tried again", async () => {
    const place = await placeFor(() => FOREVER, { secondMs: 5 });
    const { jobId } = await place.jobs.submit({ modelId: MODEL, choice: ONE_P5, timeoutSeconds: 61 });
    const { state, reason, attempts } = await ended(place, jobId);
    expect([state, attempts.length]).toEqual(["failed", 1]);
    expect(reason).toContain("longer than train.maxHours");
  });

  test.each([
    ["capacity", "AWS has no such machine to give at the moment"],
    ["environment", "raise maxMachines"],
    ["job", "No machine of the queue has as many GPUs"],
  ] as const)("a job that finds no machine says why (%s), and why it was given up", async (why, says) => {
    const place = await placeFor(() => "");
    place.service.refuseCapacity(why);
    const { jobId } = await submit(place);
    const waiting = await until(async () => {
      const report = await place.jobs.describe(jobId);
      return report.reason === null ? null : report;
    });
    expect(waiting).toMatchObject({ state: "waiting", attempts: [] });
    expect(waiting.reason).toContain(says);
    expect(waiting.reason).not.toContain("waited for it");

    place.service.refuseCapacity(why, 20);
    const other = await submit(place, "other");
    const given = await ended(place, other.jobId);
    expect(given.reason).toContain(says);
    expect(given.reason).toContain("waited for it as long as the queue allows");
    expect(given.attempts).toEqual([]);

    place.service.offerCapacity();
    expect(await ended(place, jobId)).toMatchObject({ state: "succeeded" });
  });

  test("a job is cancelled while it waits, while it runs, and when it is over; one that nobody knows is no error", async () => {
    const place = await placeFor(() => FOREVER);
    place.service.refuseCapacity();
    const waiting = await submit(place, "waiting");
    await place.jobs.cancel(waiting.jobId, "cancelled");
    expect(await ended(place, waiting.jobId)).toMatchObject({ reason: "cancelled", attempts: [] });
    place.service.offerCapacity();
    const { jobId } = await submit(place);
    await running(place, jobId);
    await place.jobs.cancel(jobId, "x".repeat(1000));
    expect((await ended(place, jobId)).reason).toBe("x".repeat(256));
    await place.jobs.cancel(jobId, "once more");
    await place.jobs.cancel("00000000-0000-4000-8000-000000000000", "cancelled");
    expect(await place.jobs.describe("00000000-0000-4000-8000-000000000000")).toEqual({
      state: "gone",
      reason: null,
      attempts: [],
      capacity: null,
    });
  });

  test.each([
    ["AccessDeniedException", 403, "cloud_denied", "batch:ListJobs"],
    ["TooManyRequestsException", 429, "cloud_throttled", "batch:ListJobs"],
    ["ServerException", 500, "cloud_failed", "batch:ListJobs"],
  ])("%s of the service is %i", async (name, status, code, says) => {
    const place = await placeFor(() => "");
    place.service.faults.push(...[1, 2].map(() => ({ call: "ListJobs", name, status })));
    await expect(submit(place)).rejects.toMatchObject({ code, message: expect.stringContaining(says) as string });
  });

  test("a deployment that lacks what the settings name says so", async () => {
    const place = await placeFor(() => "", { known: [] });
    await expect(submit(place)).rejects.toMatchObject({ code: "cloud_failed", hint: expect.stringContaining("training stack") as string });
  });

  test("machines that the deployment does not offer are refused before anything is asked", async () => {
    const place = await placeFor(() => "");
    for (const choice of [
      { ...ONE_P5, machine: "p5en.48xlarge" as const },
      { ...ONE_P5, capacity: "block" as const },
      { ...ONE_P5, capacity: "on-demand" as const, nodes: 3 },
    ])
      await expect(place.jobs.submit({ modelId: MODEL, choice, timeoutSeconds: HOUR })).rejects.toMatchObject({ code: "training_unfit" });
    expect(place.service.calls).toEqual([]);
  });
});

test("several machines: each runs the command, knows its number, and ends with the first", async () => {
  const place = await placeFor(({ node }) => (node === 0 ? "setTimeout(() => process.exit(75), 50)" : FOREVER));
  const choice = { ...ONE_P5, capacity: "on-demand" as const, nodes: 2 };
  const { jobId } = await place.jobs.submit({ modelId: MODEL, choice, timeoutSeconds: HOUR });
  await until(() => (place.starts.length >= 4 ? true : null));
  await place.jobs.cancel(jobId, "enough");
  const report = await ended(place, jobId);
  expect(report).toMatchObject({ state: "failed", capacity: "on-demand" });
  expect(report.attempts[0]!.exitCode).toBe(75);
  const [main, other] = place.starts;
  expect(main!.environment).toMatchObject({ AWS_BATCH_JOB_NODE_INDEX: "0", AWS_BATCH_JOB_NUM_NODES: "2" });
  expect(other!.environment).toMatchObject({ AWS_BATCH_JOB_NODE_INDEX: "1", AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS: "127.0.0.1" });
  expect(other!.command).toEqual(main!.command);
});
