import { isPassingFault } from "../../core/errors/cloud.ts";
import type { ReceivedTask, TaskQueue } from "../../core/svg/queue.ts";
import { type Allowance, allowanceOf, type Invocation } from "../invocation.ts";
import type { Log, LogFields } from "../log.ts";
import type { QueueAnswer, QueueEvent, QueueRecord } from "./events.ts";

export interface TaskAllowance extends Allowance {
  /** Names this invocation in leases. */
  readonly owner: string;
}

export interface TaskHandler {
  readonly log: Log;
  /** Done when it resolves. What it throws has the task tried again, and in the end buried. Returns what the log should say. */
  readonly work: (body: string, allowance: TaskAllowance, record: QueueRecord) => Promise<LogFields>;
  /** Where a task that failed comes back before its time; left out: it comes back when its visibility ends. */
  readonly retries?: { readonly queue: string; readonly tasks: () => Pick<TaskQueue, "retry"> };
}

/** By the times that a task was received. After the last try it is a dead letter as soon as it comes back. */
const RETRIES_MS = [5_000, 10_000, 20_000, 40_000];
/** For what is AWS's trouble and not the task's, which lasts from seconds to the better part of an hour. */
const PATIENT_RETRIES_MS = [5_000, 60_000, 300_000, 1_800_000];

/** A function behind a queue. Each task succeeds or fails for itself. */
export function queueHandler(handler: TaskHandler): (event: QueueEvent, invocation: Invocation) => Promise<QueueAnswer> {
  return async (event, invocation) => {
    const failures: { itemIdentifier: string }[] = [];
    for (const record of event.Records) {
      if (!(await isDone(handler, record, invocation))) failures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures: failures };
  };
}

async function isDone(handler: TaskHandler, record: QueueRecord, invocation: Invocation): Promise<boolean> {
  const startedMs = Date.now();
  const startedCpu = process.cpuUsage();
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const known = { requestId: invocation.awsRequestId, task: record.messageId, receives };
  const allowance = allowanceOf(invocation);
  try {
    const owner = `${invocation.functionName}:${invocation.awsRequestId}`;
    const fields = await handler.work(record.body, { ...allowance, owner }, record);
    handler.log.info({ ...known, durationMs: Date.now() - startedMs, cpuMs: cpuMsSince(startedCpu), ...fields });
    return true;
  } catch (error) {
    handler.log.error({ ...known, durationMs: Date.now() - startedMs, outcome: "failed" }, error);
    await comeBackSoon(handler, record, isPassingFault(error) ? PATIENT_RETRIES_MS : RETRIES_MS, known);
    return false;
  } finally {
    allowance.end();
  }
}

/** Of the whole process, which has nothing else to do. */
function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return Math.round((user + system) / 1000);
}

/** Else it would come back when its visibility ends, which is six times the function's time limit: an hour and a half. */
async function comeBackSoon(
  { retries, log }: TaskHandler,
  record: QueueRecord,
  delaysMs: readonly number[],
  known: LogFields,
): Promise<void> {
  if (retries === undefined) return;
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const task: ReceivedTask = { queue: retries.queue, id: record.messageId, body: record.body, receipt: record.receiptHandle, receives };
  try {
    await retries.tasks().retry(task, delaysMs[receives - 1] ?? delaysMs[0]!);
  } catch (error) {
    log.error({ ...known, outcome: "comes back late" }, error);
  }
}
