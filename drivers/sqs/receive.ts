import { ReceiveMessageCommand, type Message } from "@aws-sdk/client-sqs";
import type { ReceivedTask } from "../../core/svg/queue.ts";
import { queueError, type SqsQueues } from "./queues.ts";
import { ID_ATTRIBUTE } from "./send.ts";

export interface Receiving {
  readonly queue: string;
  readonly url: string;
  /** SQS gives 10 at the most. */
  readonly max: number;
  readonly visibilitySeconds: number;
  /** More than 0 asks all of SQS's servers, and not some of them. */
  readonly waitSeconds: number;
}

export async function receiveTasks({ client }: Pick<SqsQueues, "client">, receiving: Receiving): Promise<readonly ReceivedTask[]> {
  const { queue, url, max, visibilitySeconds, waitSeconds } = receiving;
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: Math.min(10, max),
    VisibilityTimeout: visibilitySeconds,
    WaitTimeSeconds: waitSeconds,
    MessageAttributeNames: [ID_ATTRIBUTE],
    MessageSystemAttributeNames: ["ApproximateReceiveCount"],
  });
  const { Messages: messages = [] } = await client.send(command).catch((error: unknown) => {
    throw queueError(error, "ReceiveMessage", url);
  });
  return messages.map((message) => taskOf(queue, message));
}

/** A message that somebody else sent has no id but the one of SQS. */
function taskOf(queue: string, message: Message): ReceivedTask {
  return {
    queue,
    id: message.MessageAttributes?.[ID_ATTRIBUTE]?.StringValue ?? message.MessageId ?? "",
    body: message.Body ?? "",
    receipt: message.ReceiptHandle ?? "",
    receives: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
  };
}
