import type { AttemptDetail, JobDetail, JobStatus } from "@aws-sdk/client-batch";
import { MACHINE_CAPACITIES, type MachineCapacity, type TrainingSettings } from "../../core/config/cloud/training.ts";
import type { JobAttempt, JobReport } from "../../core/training/jobs.ts";
import { plainReason } from "./plain-reason.ts";

const STATES: Readonly<Record<JobStatus, JobReport["state"]>> = {
  SUBMITTED: "waiting",
  PENDING: "waiting",
  RUNNABLE: "waiting",
  STARTING: "starting",
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
};

export const GONE: JobReport = { state: "gone", reason: null, attempts: [], capacity: null };

/** `mainNode`: where several machines work on the job, what is said of the first of them, which alone has exit codes. */
export function reportOf(job: JobDetail, mainNode: JobDetail | null, settings: TrainingSettings): JobReport {
  const state = STATES[job.status ?? "SUBMITTED"];
  const attempts = (job.attempts ?? []).map((attempt, at) => attemptOf(attempt, mainNode?.attempts?.[at]));
  const startedAtMs = timeOf(job.startedAt);
  // Of a job that waits again, the start is that of the try before.
  const isUnderWay = state === "running" && startedAtMs !== null;
  return {
    state,
    reason: plainReason(job.statusReason) ?? (state === "failed" ? (attempts.at(-1)?.reason ?? null) : null),
    attempts: isUnderWay ? [...attempts, { startedAtMs, stoppedAtMs: null, exitCode: null, reason: null }] : attempts,
    capacity: capacityOf(job.jobQueue, settings),
  };
}

function attemptOf(attempt: AttemptDetail, onMainNode: AttemptDetail | undefined): JobAttempt {
  const container = onMainNode?.container ?? attempt.container;
  return {
    startedAtMs: timeOf(attempt.startedAt),
    stoppedAtMs: timeOf(attempt.stoppedAt),
    exitCode: container?.exitCode ?? null,
    reason: plainReason(container?.reason) ?? plainReason(attempt.statusReason),
  };
}

/** The service says 0 of what has not happened. */
const timeOf = (ms: number | undefined): number | null => (ms === undefined || ms === 0 ? null : ms);

/** The service names queues by their ARN, the settings perhaps by name. */
function capacityOf(queue: string | undefined, { machines }: TrainingSettings): MachineCapacity | null {
  const isThat = (known: string | undefined): boolean => known !== undefined && (known === queue || queue?.endsWith(`/${known}`) === true);
  return MACHINE_CAPACITIES.find((capacity) => machines.some(({ queues }) => isThat(queues[capacity]))) ?? null;
}
