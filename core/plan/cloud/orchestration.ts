import { COUNTED } from "./counted.ts";
import { CLOUD_PRICES, VCPU_PER_GB } from "./prices.ts";
import { objectsUsd, queuesUsd, type Requests, tableUsd, totalRequests } from "./requests.ts";

/** What one sample asks of the functions, by the clock and by the call. */
export interface SampleLoad {
  /** The first attempts included. */
  readonly rollouts: number;
  /** Of all rollouts together. */
  readonly rolloutCalls: number;
  /** Of all rollouts together: replies and commands. */
  readonly rolloutSeconds: number;
  /** Of judgements and pull request texts, which need no machine. */
  readonly otherSeconds: number;
}

export interface OrchestrationSettings {
  readonly machineMib: number;
  /** Until a machine answers, and until it is gone. */
  readonly machineStartSeconds: number;
  /** What a machine uses beyond its baseline, as a share of it. */
  readonly burstShare: number;
  /** What the functions take themselves. */
  readonly own: OwnSeconds;
}

/** Seconds of serac's own; of each call, rollout and task of the worker, and of a sample in the functions before and after it. */
export interface OwnSeconds {
  readonly callSeconds: number;
  readonly rolloutSeconds: number;
  readonly taskSeconds: number;
  readonly preparedSeconds: number;
  readonly finishedSeconds: number;
}

export const ORCHESTRATION_PARTS = ["workers", "machines", "table", "objects", "queues", "preparing", "finishing"] as const;
export type OrchestrationPart = (typeof ORCHESTRATION_PARTS)[number];

/** Memory of the functions as a deployment has them by default. MiB. */
export const FUNCTION_MIB = { worker: 256, prepare: 3538, finish: 1769 } as const;
/** What a function works on a sample before it hands it on: 15 minutes, less the time that is kept for a last step. */
const TASK_SECONDS = 720;
/** A third of the time that a lease is given for. */
const RENEWAL_SECONDS = 20;
const LOOK_SECONDS = 10;
/** A message that Lambda receives and deletes for the function. */
const DELIVERY: Requests = { tableWriteUnits: 0, tableReadUnits: 0, objectWrites: 0, objectReads: 0, queueRequests: 2 };

/** USD of one sample beside the teacher's, by part. What a run costs once, such as its image and its survey, is left out. */
export function orchestrationUsd(load: SampleLoad, settings: OrchestrationSettings): Readonly<Record<OrchestrationPart, number>> {
  const price = CLOUD_PRICES;
  const { own, machineStartSeconds } = settings;
  const ownSeconds = load.rolloutCalls * own.callSeconds + load.rollouts * own.rolloutSeconds;
  const workSeconds = load.rolloutSeconds + load.otherSeconds + ownSeconds;
  const continuations = workSeconds / TASK_SECONDS;
  const tasks = 1 + continuations;
  // Each task that goes on with a rollout opens a machine anew.
  const startSeconds = (load.rollouts + continuations) * machineStartSeconds;
  const machineSeconds = load.rolloutSeconds + ownSeconds + startSeconds;
  const workerSeconds = workSeconds + tasks * own.taskSeconds + startSeconds;
  const machineGb = settings.machineMib / 1024;
  const machineSecond = machineGb * (VCPU_PER_GB * price.machineVcpuSecond + price.machineGbSecond) * (1 + settings.burstShare);
  // A rollout is broken off in its middle, on average.
  const callsBefore = load.rollouts === 0 ? 0 : load.rolloutCalls / load.rollouts / 2;
  const requests = totalRequests([
    [load.rolloutCalls, COUNTED.call],
    [load.rollouts, COUNTED.rollout],
    [1, COUNTED.sample],
    [continuations, COUNTED.continuation],
    [continuations * callsBefore, COUNTED.continuationCall],
    [workerSeconds / LOOK_SECONDS, COUNTED.look],
    [workerSeconds / RENEWAL_SECONDS, COUNTED.renewal],
    [tasks, DELIVERY],
    [1, COUNTED.prepared],
    [1, COUNTED.finished],
  ]);
  return {
    workers: functionUsd(workerSeconds, FUNCTION_MIB.worker) + tasks * price.functionRequest,
    machines: machineSeconds * machineSecond,
    table: tableUsd(requests),
    objects: objectsUsd(requests),
    queues: queuesUsd(requests),
    preparing: functionUsd(own.preparedSeconds, FUNCTION_MIB.prepare),
    finishing: functionUsd(own.finishedSeconds, FUNCTION_MIB.finish),
  };
}

const functionUsd = (seconds: number, mib: number): number => seconds * (mib / 1024) * CLOUD_PRICES.functionGbSecond;
