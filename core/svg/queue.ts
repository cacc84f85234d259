/** Port: at-least-once tasks. Implemented by drivers/sqlite and drivers/sqs. */
export interface TaskQueue {
  /** Idempotent by task id while the task is waiting. */
  enqueue(queue: string, tasks: readonly NewTask[]): Promise<void>;
  /** At most `max` tasks, hidden from others for `visibilityMs`. Oldest first. Returns at once. */
  receive(queue: string, max: number, visibilityMs: number): Promise<readonly ReceivedTask[]>;
  /** False when the task is no longer ours. */
  extend(task: ReceivedTask, visibilityMs: number): Promise<boolean>;
  acknowledge(task: ReceivedTask): Promise<void>;
  /** Gives the task back, to be received after `delayMs`. */
  retry(task: ReceivedTask, delayMs: number): Promise<void>;
  /** Tasks received `MAX_RECEIVES` times without an acknowledgement. */
  deadLetters(queue: string): Promise<readonly ReceivedTask[]>;
  /** Removes every task of the queue, waiting, in flight or dead. */
  purge(queue: string): Promise<void>;
  depth(queue: string): Promise<{ readonly waiting: number; readonly inFlight: number; readonly dead: number }>;
}

export const MAX_RECEIVES = 5;

export interface NewTask {
  readonly id: string;
  readonly body: string;
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
