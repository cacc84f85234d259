import { ChangeMessageVisibilityBatchCommand } from "@aws-sdk/client-sqs";
import type { ReceivedTask } from "../../core/svg/queue.ts";
import type { SqsQueues } from "./queues.ts";
import { queueError } from "./queues.ts";
import { receiveTasks } from "./receive.ts";

/** Hidden while they are collected, so that each is seen once; long enough for all of them. */
const PEEK_SECONDS = 30;
const MAX_LETTERS = 1_000;

/** The dead letters of a queue, which are given back at once. */
export async function peekDeadLetters(target: Pick<SqsQueues, "client">, queue: string, deadUrl: string): Promise<readonly ReceivedTask[]> {
  const letters: ReceivedTask[] = [];
  try {
    for (;;) {
      const some = await receiveTasks(target, { queue, url: deadUrl, max: 10, visibilitySeconds: PEEK_SECONDS, waitSeconds: 0 });
      letters.push(...some);
      if (some.length === 0 || letters.length >= MAX_LETTERS) return letters;
    }
  } finally {
    for (let at = 0; at < letters.length; at += 10) await giveBack(target, deadUrl, letters.slice(at, at + 10));
  }
}

/** Those that are not given back come back by themselves, after the time for which they were hidden. */
async function giveBack({ client }: Pick<SqsQueues, "client">, deadUrl: string, letters: readonly ReceivedTask[]): Promise<void> {
  const Entries = letters.map(({ receipt }, at) => ({ Id: String(at), ReceiptHandle: receipt, VisibilityTimeout: 0 }));
  await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: deadUrl, Entries })).catch((error: unknown) => {
    throw queueError(error, "ChangeMessageVisibility", deadUrl);
  });
}
