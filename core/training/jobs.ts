import type { MachineChoice } from "./machine-choice.ts";

export interface NewTrainingJob {
  readonly modelId: string;
  readonly choice: MachineChoice;
  /** Of one try. */
  readonly timeoutSeconds: number;
}

export interface JobAttempt {
  readonly startedAtMs: number | null;
  readonly stoppedAtMs: number | null;
  readonly exitCode: number | null;
  readonly reason: string | null;
}

/** `waiting`: for a machine; `starting`: machine and image; `gone`: nobody knows it any more. */
export interface JobReport {
  readonly state: "waiting" | "starting" | "running" | "succeeded" | "failed" | "gone";
  /** For a person: what the service says of it. */
  readonly reason: string | null;
  /** Earlier tries and the one that goes on. */
  readonly attempts: readonly JobAttempt[];
  /** Of the queue that it waits in; a job whose spot machines were not to be had may be in the other one. */
  readonly capacity: MachineChoice["capacity"] | null;
}

/** Port: jobs on GPU machines. Errors: cloud_denied, cloud_throttled, cloud_failed. */
export interface TrainingJobs {
  /** Asked twice for the same model, it is the same job. */
  submit(job: NewTrainingJob): Promise<{ readonly jobId: string }>;
  describe(jobId: string): Promise<JobReport>;
  /** A job that runs gets its SIGTERM; no error when it has ended. */
  cancel(jobId: string, reason: string): Promise<void>;
}
