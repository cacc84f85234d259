import { expect, test } from "vitest";
import { resumeRun } from "../../../core/control/resume.ts";
import { workTask } from "../../../core/control/work.ts";
import { cloudError } from "../../../core/errors/cloud.ts";
import { SeracError } from "../../../core/errors/index.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { controlPlace, never } from "./support/place.ts";

const ALLOWED = { deadlineMs: Infinity, owner: "unit", signal: never };
const awsSays = (name: string, status?: number): unknown => {
  const raw = Object.assign(new Error("No."), status === undefined ? { code: name } : { name, $metadata: { httpStatusCode: status } });
  return cloudError(raw, { action: "s3:PutObject", subject: "s3://bucket/key" });
};

test.each([
  [
    "no quota for machines",
    new SeracError("cloud_throttled", "No room for a machine", { hint: "Ask for more in Service Quotas." }),
    "No room for a machine, and it stayed so for the better part of an hour. Ask for more in Service Quotas. Resume the run to go on.",
  ],
  ["a bucket that is too busy", awsSays("SlowDown", 503), "AWS is too busy for s3:PutObject"],
  ["a table that is too busy", awsSays("ProvisionedThroughputExceededException", 400), "AWS is too busy for"],
  [
    "a service that is down",
    awsSays("InternalError", 500),
    "s3:PutObject on s3://bucket/key failed (InternalError: No.), and it stayed so",
  ],
  ["a line that is cut", awsSays("ECONNREFUSED"), "failed (ECONNREFUSED: No.), and it stayed so"],
])("%s: the sample keeps all that it has, and when it lasts the run rests with the reason", async (_what, trouble, says) => {
  await using place = await controlPlace();
  const id = await place.running();
  const sample = sampleIdOf(id, 0);
  const { journal } = place.platform;
  const append = journal.append.bind(journal);
  journal.append = (stream, n, entry) => (n < 2 ? append(stream, n, entry) : Promise.reject(trouble));
  for (const isLastTry of [false, false, false, false]) {
    await expect(workTask(place.platform, place.workshop, sample, { ...ALLOWED, isLastTry })).rejects.toBe(trouble);
  }
  expect(await place.run(id)).toMatchObject({ state: "running" });
  expect(await workTask(place.platform, place.workshop, sample, { ...ALLOWED, isLastTry: true })).toBe("paused");
  expect(await place.run(id)).toMatchObject({ state: "paused", detail: expect.stringContaining(says) });
  expect(await place.platform.store.getSample(sample)).toMatchObject({ state: "first", reason: null });
  journal.append = append;
  await resumeRun(place.platform, id, { retryFailed: false });
  await place.drain();
  expect(await place.run(id)).toMatchObject({ state: "finished", detail: null });
  const samples = await place.platform.store.listSamples(id, { limit: 10 });
  expect(samples.map(({ state }) => state)).toEqual(["accepted", "accepted", "accepted"]);
});

test("what is the sample's own trouble pauses nothing, on its last try either", async () => {
  await using place = await controlPlace();
  const id = await place.running();
  const { journal } = place.platform;
  const append = journal.append.bind(journal);
  journal.append = () => Promise.reject(awsSays("InvalidRequest", 400));
  const last = workTask(place.platform, place.workshop, sampleIdOf(id, 0), { ...ALLOWED, isLastTry: true });
  await expect(last).rejects.toMatchObject({ code: "cloud_failed" });
  journal.append = append;
  expect(await place.run(id)).toMatchObject({ state: "running", detail: null });
});
