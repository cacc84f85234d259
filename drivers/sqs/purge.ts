import { DeleteMessageCommand, PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { awsName } from "../../core/errors/cloud.ts";
import { queueError, type SqsQueues } from "./queues.ts";
import { receiveTasks } from "./receive.ts";

const HIDDEN_SECONDS = 60;

/** SQS purges a queue once a minute; sooner after that, what waits is taken out by hand, and what is in flight stays. */
export async function purgeQueue(target: Pick<SqsQueues, "client">, queue: string, url: string): Promise<void> {
  try {
    await target.client.send(new PurgeQueueCommand({ QueueUrl: url }));
  } catch (error) {
    if (awsName(error) !== "PurgeQueueInProgress") throw queueError(error, "PurgeQueue", url);
    await takeOut(target, queue, url);
  }
}

async function takeOut(target: Pick<SqsQueues, "client">, queue: string, url: string): Promise<void> {
  for (;;) {
    const tasks = await receiveTasks(target, { queue, url, max: 10, visibilitySeconds: HIDDEN_SECONDS, waitSeconds: 1 });
    if (tasks.length === 0) return;
    for (const { receipt } of tasks) {
      await target.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt })).catch((error: unknown) => {
        throw queueError(error, "DeleteMessage", url);
      });
    }
  }
}
