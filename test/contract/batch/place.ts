import { BatchClient } from "@aws-sdk/client-batch";
import { afterEach } from "vitest";
import { readTrainingSettings, type TrainingSettingsInput } from "../../../core/config/cloud/training.ts";
import type { MachineChoice } from "../../../core/training/machine-choice.ts";
import type { TrainingJobs } from "../../../core/training/jobs.ts";
import { createBatchJobs } from "../../../drivers/batch/index.ts";
import {
  type BatchService,
  type BatchServiceOptions,
  type BatchStart,
  type JobStateEvent,
  startBatchService,
} from "../../cloud/batch-service.ts";
import { emulated } from "../../cloud/moto.ts";

const P5 = {
  machine: "p5.48xlarge",
  maxMachines: 2,
  vcpus: 192,
  memoryMib: 1_887_436,
  gpus: 8,
  queues: {
    spot: "arn:aws:batch:us-east-1:111111111111:job-queue/serac-p5-48xlarge-spot",
    "on-demand": "arn:aws:batch:us-east-1:111111111111:job-queue/serac-p5-48xlarge-on-demand",
  },
  jobDefinitions: { oneNode: "serac-p5-48xlarge", manyNodes: "serac-p5-48xlarge-nodes" },
} as const;

export const SETTINGS: TrainingSettingsInput = { machines: [P5] };
export const KNOWN = [...Object.values(P5.queues), ...Object.values(P5.jobDefinitions)];
export const ONE_P5: MachineChoice = { machine: "p5.48xlarge", nodes: 1, capacity: "spot", gpus: 8, sequenceParallel: 1 };
export const HOUR = 3_600;

export interface Place {
  readonly service: BatchService;
  readonly jobs: TrainingJobs;
  readonly starts: readonly BatchStart[];
  readonly events: readonly JobStateEvent[];
}

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});

/** The driver before the faked service. `script` is what a container runs, as JavaScript. */
export async function placeFor(script: (start: BatchStart) => string, options: Partial<BatchServiceOptions> = {}): Promise<Place> {
  const starts: BatchStart[] = [];
  const events: JobStateEvent[] = [];
  const service = await startBatchService({
    known: KNOWN,
    stopTimeoutMs: 500,
    program: (start) => {
      starts.push(start);
      return { command: process.execPath, args: ["-e", script(start)], env: { ...start.environment } };
    },
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const client = new BatchClient({ ...emulated(service.endpoint), maxAttempts: 2 });
  open.push({
    stop: async () => {
      client.destroy();
      await service.stop();
    },
  });
  const jobs = createBatchJobs({ client, settings: readTrainingSettings(JSON.stringify(SETTINGS)), bucket: "serac-artifacts" });
  return { service, jobs, starts, events };
}

/** Asks until it is so; the test's own time limit is the end of it. */
export async function until<T>(ask: () => Promise<T | null> | T | null): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const FOREVER = "setInterval(() => {}, 1000); console.log('here')";
