import type { ContainerOverrides, RetryStrategy, SubmitJobRequest } from "@aws-sdk/client-batch";
import { jobNameOf, type TrainingOffer, type TrainingSettings } from "../../core/config/cloud/training.ts";
import { InputError } from "../../core/errors/index.ts";
import { TRAINER_EXIT } from "../../core/training/events.ts";
import type { NewTrainingJob } from "../../core/training/jobs.ts";
import type { MachineChoice } from "../../core/training/machine-choice.ts";
import { modelPrefix } from "../../core/training/names.ts";

/** The most that AWS Batch offers. A machine that is taken away costs what was trained since the last checkpoint, not the job. */
const MOST_ATTEMPTS = 10;
/** Shorter ones AWS Batch refuses. */
const LEAST_SECONDS = 60;
const SPOT_STOP = "Host EC2*";

/** Tried again where the machine went away or the trainer says that it goes on from where it was; nothing else gets better by that. */
const RETRIES: RetryStrategy = {
  attempts: MOST_ATTEMPTS,
  evaluateOnExit: [
    { onStatusReason: SPOT_STOP, action: "RETRY" },
    { onExitCode: String(TRAINER_EXIT.interrupted), action: "RETRY" },
    { onReason: "*", action: "EXIT" },
    { onStatusReason: "*", action: "EXIT" },
  ],
};

export interface Place {
  readonly queue: string;
  readonly definition: string;
  readonly offer: TrainingOffer;
}

/** Where a job for such machines goes. InputError("training_unfit") where the deployment has none. */
export function placeOf({ machines }: TrainingSettings, { machine, nodes, capacity }: MachineChoice): Place {
  const offer = machines.find((one) => one.machine === machine);
  const queue = offer?.queues[capacity];
  const definition = nodes > 1 ? offer?.jobDefinitions.manyNodes : offer?.jobDefinitions.oneNode;
  if (offer !== undefined && queue !== undefined && definition !== undefined && nodes <= offer.maxMachines)
    return { queue, definition, offer };
  const wanted = `${nodes > 1 ? `${nodes} machines ` : ""}${machine}, ${capacity}`;
  const offered = machines.flatMap(({ machine: type, queues, maxMachines, jobDefinitions }) =>
    Object.keys(queues).map((kind) => `${type}, ${kind}${jobDefinitions.manyNodes === undefined ? "" : `, up to ${maxMachines} together`}`),
  );
  throw new InputError("training_unfit", `This deployment does not train on ${wanted}.`, {
    hint: `It offers: ${offered.join("; ")}. More of them: training.machines in serac.deploy.yaml, then deploy again.`,
  });
}

export function submissionOf(job: NewTrainingJob, { queue, definition, offer }: Place, bucket: string): SubmitJobRequest {
  const { modelId, choice, timeoutSeconds } = job;
  const container: ContainerOverrides = {
    command: ["--root", `s3://${bucket}/${modelPrefix(modelId)}`],
    resourceRequirements: [
      { type: "GPU", value: String(choice.gpus) },
      { type: "VCPU", value: String(shareOf(offer.vcpus, choice.gpus, offer.gpus)) },
      { type: "MEMORY", value: String(shareOf(offer.memoryMib, choice.gpus, offer.gpus)) },
    ],
  };
  return {
    jobName: jobNameOf(modelId),
    jobQueue: queue,
    jobDefinition: definition,
    ...(choice.nodes === 1
      ? { containerOverrides: container }
      : { nodeOverrides: { numNodes: choice.nodes, nodePropertyOverrides: [{ targetNodes: "0:", containerOverrides: container }] } }),
    retryStrategy: RETRIES,
    timeout: { attemptDurationSeconds: Math.max(LEAST_SECONDS, Math.ceil(timeoutSeconds)) },
    propagateTags: true,
    tags: { "serac-model": modelId },
  };
}

const shareOf = (whole: number, gpus: number, ofGpus: number): number => Math.max(1, Math.floor((whole * Math.min(gpus, ofGpus)) / ofGpus));
