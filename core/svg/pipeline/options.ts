import type { RepositorySource } from "../../survey/repository.ts";
import type { EventSink } from "../events.ts";

export interface PrepareOptions {
  /** Aborted: what is under way is broken off, and can be done again. */
  readonly signal: AbortSignal;
  readonly onEvent: EventSink;
  /** The repository at the run's commit; read only while the run is not planned yet. */
  readonly repository: RepositorySource;
  /** Belongs to the sandbox provider for this run: a folder, or a name for what it makes elsewhere. */
  readonly sandboxDirectory: string;
  /** Milliseconds since the epoch; no part is begun after it. Default: none. */
  readonly deadlineMs?: number;
  /** The first sample that is not known to be written down. */
  readonly nextIndex?: number;
}

export interface ExecuteOptions extends Omit<PrepareOptions, "deadlineMs" | "nextIndex"> {
  /** Names this worker in leases. */
  readonly owner: string;
}
