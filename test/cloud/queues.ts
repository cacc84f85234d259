import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { randomUUID } from "node:crypto";
import { CLOUD_QUEUES, type CloudQueue } from "../../core/config/cloud/names.ts";
import { MAX_RECEIVES } from "../../core/svg/queue.ts";
import { emulated } from "./moto.ts";

export interface TestQueues {
  readonly client: SQSClient;
  readonly queues: Record<CloudQueue, { readonly url: string; readonly deadUrl: string }>;
}

/** New queues on an emulator, each with a queue for its dead letters as the stacks make them. */
export async function newQueues(endpoint: string): Promise<TestQueues> {
  const client = new SQSClient(emulated(endpoint));
  const suffix = randomUUID();
  const made = CLOUD_QUEUES.map(async (name) => {
    const dead = await client.send(new CreateQueueCommand({ QueueName: `${name}-dead-${suffix}` }));
    const { Attributes: about } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: dead.QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: about!.QueueArn, maxReceiveCount: MAX_RECEIVES });
    const queue = await client.send(new CreateQueueCommand({ QueueName: `${name}-${suffix}`, Attributes: { RedrivePolicy } }));
    return [name, { url: queue.QueueUrl!, deadUrl: dead.QueueUrl! }] as const;
  });
  return { client, queues: Object.fromEntries(await Promise.all(made)) as TestQueues["queues"] };
}
