import type { JobAttempt, JobReport, NewTrainingJob, TrainingJobs } from "../../../../core/training/jobs.ts";

export interface TestJob {
  readonly jobId: string;
  readonly request: NewTrainingJob;
  report: JobReport;
  /** Why, each time that it was asked to end. */
  readonly cancelled: string[];
}

export interface TestJobs extends TrainingJobs {
  /** In the order in which they were handed in. */
  readonly all: TestJob[];
  /** Thrown by every call, when it is to fail. */
  broken: Error | null;
}

const WAITING: JobReport = { state: "waiting", reason: null, attempts: [], capacity: "spot" };

/** A place where jobs wait until a test says what becomes of them. A job that is asked to end fails at once. */
export function testJobs(now: () => number): TestJobs {
  const jobOf = (jobId: string): TestJob | undefined => jobs.all.find((job) => job.jobId === jobId);
  const unlessBroken = async <Result>(act: () => Result): Promise<Result> => {
    if (jobs.broken !== null) throw jobs.broken;
    return act();
  };
  const jobs: TestJobs = {
    all: [],
    broken: null,
    submit: (request) =>
      unlessBroken(() => {
        const known = jobs.all.find(({ request: { modelId } }) => modelId === request.modelId);
        if (known !== undefined) return { jobId: known.jobId };
        const job: TestJob = { jobId: `job-${jobs.all.length + 1}`, request, report: WAITING, cancelled: [] };
        jobs.all.push(job);
        return { jobId: job.jobId };
      }),
    describe: (jobId) => unlessBroken(() => jobOf(jobId)?.report ?? { state: "gone", reason: null, attempts: [], capacity: null }),
    cancel: (jobId, reason) =>
      unlessBroken(() => {
        const job = jobOf(jobId);
        if (job === undefined) return;
        job.cancelled.push(reason);
        if (isOver(job.report)) return;
        job.report = { ...job.report, state: "failed", reason, attempts: job.report.attempts.map((one) => stopped(one, now())) };
      }),
  };
  return jobs;
}

const stopped = (attempt: JobAttempt, atMs: number): JobAttempt =>
  attempt.stoppedAtMs === null ? { ...attempt, stoppedAtMs: atMs } : attempt;

export const isOver = ({ state }: JobReport): boolean => state === "succeeded" || state === "failed" || state === "gone";
