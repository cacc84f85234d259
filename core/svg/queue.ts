/**
 * Port: at-least-once tasks, implemented by drivers/sqlite and drivers/sqs. A task may come twice, to two receivers at once, and in
 * any order: what a task does must bear that. drivers/sqlite does better (oldest first, and one waiting task an id); nobody may rely on it.
 */
export interface TaskQueue {
  /** A task that is enqueued twice may come twice. SQS refuses a body that is empty or beyond `MAX_BODY_BYTES`: InputError("usage"). */
  enqueue(queue: string, tasks: readonly NewTask[]): Promise<void>;
  /** At most `max` tasks, perhaps fewer than there are, hidden from others for `visibilityMs`. Returns soon. */
  receive(queue: string, max: number, visibilityMs: number): Promise<readonly ReceivedTask[]>;
  /** False when the task is known to be no longer ours. */
  extend(task: ReceivedTask, visibilityMs: number): Promise<boolean>;
  /** No error when the task is no longer ours; it may come again then. */
  acknowledge(task: ReceivedTask): Promise<void>;
  /** Gives the task back, to be received after `delayMs`. */
  retry(task: ReceivedTask, delayMs: number): Promise<void>;
  /** Tasks received `MAX_RECEIVES` times without an acknowledgement; a few at least, when there are many. They stay. */
  deadLetters(queue: string): Promise<readonly ReceivedTask[]>;
  /** Removes every task of the queue, waiting, in flight or dead. */
  purge(queue: string): Promise<void>;
  /** May be some seconds old. */
  depth(queue: string): Promise<{ readonly waiting: number; readonly inFlight: number; readonly dead: number }>;
}

export const MAX_RECEIVES = 5;
/** Tasks name things; what they are about lies in the store. */
export const MAX_BODY_BYTES = 256 * 1024;

export interface NewTask {
  readonly id: string;
  readonly body: string;
  /** SQS waits 15 minutes at the most. */
  readonly delayMs?: number;
}

export interface ReceivedTask {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  /** Names this delivery; a later delivery of the same task has another. */
  readonly receipt: string;
  readonly receives: number;
}
