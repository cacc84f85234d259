import type { JobDetail } from "@aws-sdk/client-batch";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plainReason } from "../../../drivers/batch/plain-reason.ts";
import { reportOf } from "../../../drivers/batch/report.ts";

const NONE = { machines: [], isSpotAlone: false };
const JOB: JobDetail = { jobId: "1", jobName: "m", jobQueue: "q", jobDefinition: "d", status: "RUNNING", startedAt: 5 };

test("the try that goes on is told with the ones before, while it goes on", () => {
  const attempts = [{ startedAt: 1, stoppedAt: 2, container: { exitCode: 75 } }];
  expect(reportOf({ ...JOB, attempts }, null, NONE).attempts.map(({ stoppedAtMs }) => stoppedAtMs)).toEqual([2, null]);
  for (const status of ["RUNNABLE", "STARTING", "SUCCEEDED", "FAILED"] as const)
    expect(reportOf({ ...JOB, status, attempts }, null, NONE).attempts).toHaveLength(1);
});

test("where several machines work on it, the first one's exit codes count", () => {
  const attempts = [{ startedAt: 1, stoppedAt: 2, statusReason: "Essential container in task exited" }];
  const mainNode: JobDetail = {
    ...JOB,
    jobId: "1#0",
    attempts: [{ container: { exitCode: 1, reason: "OutOfMemoryError: Container killed" } }],
  };
  expect(reportOf({ ...JOB, status: "FAILED", attempts }, mainNode, NONE)).toMatchObject({
    reason: expect.stringContaining("ran out of memory") as string,
    attempts: [{ startedAtMs: 1, stoppedAtMs: 2, exitCode: 1 }],
  });
});

test("whatever the service says of attempts, each is told, and a reason is never empty", () => {
  const time = fc.option(fc.nat(), { nil: undefined });
  const text = fc.option(fc.string(), { nil: undefined });
  const attempt = fc.record({
    startedAt: time,
    stoppedAt: time,
    statusReason: text,
    container: fc.option(fc.record({ exitCode: fc.option(fc.nat(255), { nil: undefined }), reason: text }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(attempt), text, (attempts, statusReason) => {
      const report = reportOf({ ...JOB, status: "FAILED", attempts, statusReason }, null, NONE);
      expect(report.attempts).toHaveLength(attempts.length);
      for (const reason of [report.reason, ...report.attempts.map((one) => one.reason)]) expect(reason).not.toBe("");
      for (const { startedAtMs } of report.attempts) expect(startedAtMs).not.toBe(0);
    }),
  );
});

test("reasons that are not known are told in the service's own words", () => {
  expect(plainReason("Task failed to start")).toBe("Task failed to start");
  expect(plainReason("Essential container in task exited")).toBeNull();
});
