import { CLOUD_PRICES, VCPU_PER_GB } from "./prices.ts";

/** What one sample asks of the functions, by the clock and by the call. */
export interface SampleLoad {
  /** Rollouts, the first attempts included. */
  readonly rollouts: number;
  /** Of all rollouts together: replies and commands. */
  readonly rolloutSeconds: number;
  /** Of judgements and pull request texts, which need no machine. */
  readonly otherSeconds: number;
  /** All teacher calls. */
  readonly calls: number;
}

export interface OrchestrationSettings {
  readonly machineMib: number;
  /** Until a machine answers, and until it is gone. */
  readonly machineStartSeconds: number;
  /** What a machine uses beyond its baseline, as a share of it. */
  readonly burstShare: number;
}

export const ORCHESTRATION_PARTS = ["workers", "machines", "table", "objects", "queues"] as const;
export type OrchestrationPart = (typeof ORCHESTRATION_PARTS)[number];

/** Memory of the worker function. */
export const WORKER_MIB = 256;
/** What a function works on a sample before it hands it on: 15 minutes, less the time that is kept for a last step. */
const TASK_SECONDS = 720;
/** A reply is reserved and settled, each in a transaction of two items, and transactions cost twice (drivers/dynamodb/spend). */
const WRITES_PER_CALL = 8;
/** Planning, eight changes of state with their counters on an item of some kilobytes, claims of patches. */
const WRITES_PER_SAMPLE = 90;
/** A lease is renewed on the sample's item at a third of a minute. */
const LEASE_WRITES_PER_SECOND = 2 / 20;
/** The run is looked at every ten seconds, its budget and the call's own item with each call. */
const READS_PER_SECOND = 1 / 10;
const READS_PER_CALL = 4;
/** Reply and observation are an object each; opening, end, trajectory, patch and its counts come once a rollout. */
const OBJECTS_PER_CALL = 2;
const OBJECTS_PER_ROLLOUT = 6;
/** Who goes on with a rollout reads all of its journal: about once each. */
const OBJECT_READS_PER_CALL = 2;
/** Sent, received, deleted. */
const REQUESTS_PER_TASK = 3;

/** USD of one sample beside the teacher's, by part. */
export function orchestrationUsd(load: SampleLoad, settings: OrchestrationSettings): Readonly<Record<OrchestrationPart, number>> {
  const price = CLOUD_PRICES;
  const workSeconds = load.rolloutSeconds + load.otherSeconds;
  const tasks = 1 + workSeconds / TASK_SECONDS;
  // Each task that goes on with a rollout opens a machine anew.
  const starts = load.rollouts + tasks - 1;
  const machineSeconds = load.rolloutSeconds + starts * settings.machineStartSeconds;
  const workerSeconds = workSeconds + starts * settings.machineStartSeconds;
  const machineGb = settings.machineMib / 1024;
  const machineSecond = machineGb * (VCPU_PER_GB * price.machineVcpuSecond + price.machineGbSecond) * (1 + settings.burstShare);
  const writes = load.calls * WRITES_PER_CALL + WRITES_PER_SAMPLE + workerSeconds * LEASE_WRITES_PER_SECOND;
  const reads = load.calls * READS_PER_CALL + workerSeconds * READS_PER_SECOND;
  return {
    workers: workerSeconds * (WORKER_MIB / 1024) * price.functionGbSecond + tasks * price.functionRequest,
    machines: machineSeconds * machineSecond,
    table: writes * price.tableWriteUnit + reads * price.tableReadUnit,
    objects:
      (load.calls * OBJECTS_PER_CALL + load.rollouts * OBJECTS_PER_ROLLOUT) * price.objectWrite +
      load.calls * OBJECT_READS_PER_CALL * price.objectRead,
    queues: tasks * REQUESTS_PER_TASK * price.queueRequest,
  };
}
