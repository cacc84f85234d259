import { ChangeMessageVisibilityCommand, DeleteMessageCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { ReceivedTask, TaskQueue } from "../../core/svg/queue.ts";
import { peekDeadLetters } from "./dead-letters.ts";
import { purgeQueue } from "./purge.ts";
import { addressesOf, isNotOurs, queueError, secondsOf, type SqsQueues } from "./queues.ts";
import { receiveTasks } from "./receive.ts";
import { sendTasks } from "./send.ts";

export type { SqsQueues } from "./queues.ts";

const MAX_VISIBILITY_SECONDS = 12 * 60 * 60;

export interface SqsOptions extends SqsQueues {
  /** How long `receive` waits for a first task. */
  readonly waitSeconds?: number;
}

/**
 * Tasks in standard queues, whose redrive policies move a task to the dead letters after MAX_RECEIVES deliveries, on the next try to
 * receive it. Times are rounded up to whole seconds. Errors: InputError("usage"), SeracError `cloud_…`.
 */
export function createSqsQueue(options: SqsOptions): TaskQueue {
  const { client, waitSeconds = 1 } = options;

  /** False when the task is no longer ours. */
  const hide = async ({ queue, receipt }: ReceivedTask, ms: number): Promise<boolean> => {
    const { url } = addressesOf(options, queue);
    const seconds = secondsOf(ms, MAX_VISIBILITY_SECONDS);
    try {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: seconds }));
      return true;
    } catch (error) {
      if (isNotOurs(error)) return false;
      throw queueError(error, "ChangeMessageVisibility", url);
    }
  };

  const countsOf = async (url: string): Promise<{ waiting: number; inFlight: number }> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
    const { Attributes: found } = await client.send(command).catch((error: unknown) => {
      throw queueError(error, "GetQueueAttributes", url);
    });
    return {
      waiting: Number(found?.ApproximateNumberOfMessages ?? 0) + Number(found?.ApproximateNumberOfMessagesDelayed ?? 0),
      inFlight: Number(found?.ApproximateNumberOfMessagesNotVisible ?? 0),
    };
  };

  return {
    enqueue: async (queue, tasks) => sendTasks(options, addressesOf(options, queue).url, tasks),
    receive: async (queue, max, visibilityMs) => {
      const { url } = addressesOf(options, queue);
      const visibilitySeconds = secondsOf(visibilityMs, MAX_VISIBILITY_SECONDS);
      return receiveTasks(options, { queue, url, max, visibilitySeconds, waitSeconds });
    },
    extend: hide,
    acknowledge: async ({ queue, receipt }) => {
      const { url } = addressesOf(options, queue);
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt })).catch((error: unknown) => {
        if (!isNotOurs(error)) throw queueError(error, "DeleteMessage", url);
      });
    },
    retry: async (task, delayMs) => {
      await hide(task, delayMs);
    },
    deadLetters: async (queue) => peekDeadLetters(options, queue, addressesOf(options, queue).deadUrl),
    purge: async (queue) => {
      const { url, deadUrl } = addressesOf(options, queue);
      for (const each of [url, deadUrl]) await purgeQueue(options, queue, each);
    },
    depth: async (queue) => {
      const { url, deadUrl } = addressesOf(options, queue);
      const [tasks, dead] = await Promise.all([countsOf(url), countsOf(deadUrl)]);
      return { ...tasks, dead: dead.waiting + dead.inFlight };
    },
  };
}
