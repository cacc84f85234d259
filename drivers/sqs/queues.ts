import type { SQSClient } from "@aws-sdk/client-sqs";
import { CLOUD_QUEUES, type CloudQueue } from "../../core/config/cloud/names.ts";
import { awsName, cloudError } from "../../core/errors/cloud.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { InputError, SeracError } from "../../core/errors/index.ts";

export interface SqsQueues {
  readonly client: SQSClient;
  /** The queue, and the one for its dead letters, which its redrive policy names with MAX_RECEIVES. */
  readonly queues: Record<CloudQueue, { readonly url: string; readonly deadUrl: string }>;
  readonly clock: Clock;
}

/** The addresses of a queue. InputError("usage") for a name that is none of ours. */
export function addressesOf({ queues }: Pick<SqsQueues, "queues">, name: string): { readonly url: string; readonly deadUrl: string } {
  const known = CLOUD_QUEUES.find((queue) => queue === name);
  if (known === undefined) throw new InputError("usage", `There is no queue ${name}; there are ${CLOUD_QUEUES.join(", ")}.`);
  return queues[known];
}

/** What SQS said, as an error of serac's. */
export function queueError(error: unknown, action: string, url: string): unknown {
  const queue = url.slice(url.lastIndexOf("/") + 1);
  if (awsName(error) === "QueueDoesNotExist") {
    return new SeracError("cloud_failed", `There is no queue ${queue}.`, {
      hint: "It comes with the forge stack: deploy that first, and look whether region and account are the right ones.",
      cause: error,
    });
  }
  return cloudError(error, { action: `sqs:${action}`, subject: queue });
}

/** Whether SQS said that a receipt no longer stands for a task in flight. */
export function isNotOurs(error: unknown): boolean {
  const name = awsName(error);
  if (name === "ReceiptHandleIsInvalid" || name === "MessageNotInflight") return true;
  return name === "InvalidParameterValue" && error instanceof Error && /ReceiptHandle|does not exist/i.test(error.message);
}

/** SQS counts whole seconds. */
export const secondsOf = (ms: number, max: number): number => Math.min(max, Math.ceil(Math.max(0, ms) / 1000));
