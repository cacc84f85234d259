import * as z from "zod";
import { SeracError } from "../../errors/index.ts";
import type { NewTask } from "../../svg/queue.ts";

/**
 * Bodies of the queue `train`. Our own say what to do with a model: `start` it, `watch` its job, `remove` what there is of it. The others
 * are what EventBridge tells of jobs of AWS Batch; they come from outside, and are hints to look, never what is true.
 */
const KINDS = ["start", "watch", "remove"] as const;
const ownMessage = z.strictObject({ kind: z.enum(KINDS), modelId: z.string().min(1).max(200) });

/** https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html, as much of it as is used. */
const jobEvent = z.object({
  source: z.literal("aws.batch"),
  "detail-type": z.literal("Batch Job State Change"),
  detail: z.object({ jobId: z.string().min(1).max(300), jobName: z.string().min(1).max(300) }),
});

export interface JobEvent {
  readonly kind: "event";
  readonly jobId: string;
  readonly jobName: string;
}

export type TrainMessage = z.infer<typeof ownMessage> | JobEvent;

const trainMessage = z.union([
  ownMessage,
  // The nodes of one job are told of as `<job>#0`, `<job>#1`, …
  jobEvent.transform(({ detail: { jobId, jobName } }): JobEvent => ({ kind: "event", jobId: jobId.replace(/#\d+$/, ""), jobName })),
]);

/** SeracError("record_invalid") for what is neither. */
export function readTrainMessage(body: string): TrainMessage {
  try {
    return trainMessage.parse(JSON.parse(body));
  } catch (cause) {
    const shown = JSON.stringify(body.slice(0, 200));
    throw new SeracError("record_invalid", `A task of training holds ${shown}, which neither serac nor AWS Batch wrote.`, { cause });
  }
}

export const TRAIN_QUEUE = "train";

export const trainTaskOf = (kind: (typeof KINDS)[number], modelId: string): NewTask => ({
  id: `${modelId}-${kind}`,
  body: JSON.stringify({ kind, modelId }),
});
