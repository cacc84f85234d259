import type { RepositorySource } from "../../survey/repository.ts";
import type { EventSink } from "../events.ts";

export interface ExecuteOptions {
  /** Ctrl-C: rollouts checkpoint, the run becomes `paused`, PausedError is thrown. */
  readonly signal: AbortSignal;
  readonly onEvent: EventSink;
  /** The repository at the run's commit; read only while the run is not planned yet. */
  readonly repository: RepositorySource;
  /** A folder that the sandbox provider may own for this run. */
  readonly sandboxDirectory: string;
  /** Names this worker in leases. */
  readonly owner: string;
}
