import { SendMessageBatchCommand, type BatchResultErrorEntry, type SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { InputError } from "../../core/errors/index.ts";
import { placeOfSample } from "../../core/plan/sample-id.ts";
import { MAX_BODY_BYTES, type NewTask } from "../../core/svg/queue.ts";
import { queueError, secondsOf, type SqsQueues } from "./queues.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BATCH = 10;
const BATCHES_AT_ONCE = 4;
const MAX_DELAY_SECONDS = 900;
/** Of the messages of one batch together; SQS takes four times as much. */
const BATCH_BYTES = 256 * 1024;
/** For messages that SQS could not take although it took others of their batch. */
const TRIES = 6;
const FIRST_WAIT_MS = 200;

/** Carries the id of the task, which SQS would number itself. */
export const ID_ATTRIBUTE = "id";

/** Sends the tasks in batches; those of a batch that SQS did not take are sent again. */
export async function sendTasks(target: Pick<SqsQueues, "client" | "clock">, url: string, tasks: readonly NewTask[]): Promise<void> {
  tasks.forEach(check);
  // One iterator for all slots: the first error ends it for the others too.
  const batches = batchesOf(tasks);
  const slot = async (): Promise<void> => {
    for (const batch of batches) await sendBatch(target, url, batch);
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, slot));
}

async function sendBatch({ client, clock }: Pick<SqsQueues, "client" | "clock">, url: string, batch: readonly NewTask[]): Promise<void> {
  let entries = batch.map(entryOf);
  for (let tries = 1; ; tries++) {
    const { Failed: failed = [] } = await client
      .send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }))
      .catch((error: unknown) => {
        throw queueError(error, "SendMessage", url);
      });
    if (failed.length === 0) return;
    const final = failed.find((entry) => entry.SenderFault === true) ?? (tries === TRIES ? failed[0] : undefined);
    if (final !== undefined) throw queueError(errorOf(final), "SendMessage", url);
    entries = entries.filter(({ Id }) => failed.some((entry) => entry.Id === Id));
    await clock.sleep(FIRST_WAIT_MS * 2 ** tries * (0.5 + Math.random() / 2));
  }
}

/** The error that SQS would have answered, had the task come alone. */
function errorOf({ Code: code = "Unknown", Message: message = "" }: BatchResultErrorEntry): unknown {
  return Object.assign(new Error(message), { name: code });
}

function check({ id, body }: NewTask): void {
  const bytes = Buffer.byteLength(body);
  const reason = bytes === 0 ? "is empty" : bytes > MAX_BODY_BYTES ? `has ${bytes} bytes; ${MAX_BODY_BYTES} are the most` : null;
  if (reason !== null) throw new InputError("usage", `The body of task ${id} ${reason}.`);
  // XML 1.0's, as the API reference of SendMessage says.
  if (!/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(body)) {
    throw new InputError("usage", `The body of task ${id} has a character that no queue carries.`);
  }
}

export function* batchesOf(tasks: readonly NewTask[]): Generator<readonly NewTask[]> {
  let batch: NewTask[] = [];
  let bytes = 0;
  for (const task of tasks) {
    const size = Buffer.byteLength(task.body) + Buffer.byteLength(task.id);
    if (batch.length === BATCH || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(task);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function entryOf({ id, body, delayMs = 0 }: NewTask, at: number): SendMessageBatchRequestEntry {
  return {
    Id: String(at),
    MessageBody: body,
    DelaySeconds: secondsOf(delayMs, MAX_DELAY_SECONDS),
    MessageAttributes: { [ID_ATTRIBUTE]: { DataType: "String", StringValue: id } },
    MessageGroupId: groupOf(body),
  };
}

/**
 * The run, so that a large one does not keep the others waiting: a standard queue with groups is a fair one.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export function groupOf(body: string): string | undefined {
  const run = placeOfSample(body)?.runId ?? /"runId":"([^"\\]+)"/.exec(body)?.[1];
  return run !== undefined && /^[\w!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]{1,128}$/.test(run) ? run : undefined;
}
