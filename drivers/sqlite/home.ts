import type { Journal } from "../../core/agent/journal.ts";
import type { TaskQueue } from "../../core/svg/queue.ts";
import type { RunStore } from "../../core/svg/store.ts";
import type { ModelStore } from "../../core/training/model.ts";

/** The embedded state of serac: a folder with one SQLite file, which any number of processes may have open. */
export interface Home {
  readonly path: string;
  readonly store: RunStore;
  readonly models: ModelStore;
  readonly queue: TaskQueue;
  readonly journal: Journal;
  /** Ends every lease of an owner that is known to be dead, so that its samples need not wait for the time to live. */
  revokeLeases(owner: string): Promise<void>;
  close(): void;
}
