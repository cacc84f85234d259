import type { TrainingEvent } from "./events.ts";

export interface TrainerRun {
  /** Folder of the model, see names.ts: `job.json` and `data/` are in it. */
  readonly root: string;
  readonly onEvent: (event: TrainingEvent) => void;
  /** A line that is no event: warnings of libraries, progress bars. */
  readonly onLog: (line: string) => void;
  /** Asks it to write a checkpoint and end. */
  readonly signal: AbortSignal;
}

/** `interrupted`: the same call goes on from the last checkpoint. */
export type TrainerEnd = "done" | "failed" | "interrupted";

/** Port: the trainer on this machine, in a container or in a Python environment. */
export interface Trainer {
  /** For a person: `docker image …`, `python …`. */
  readonly name: string;
  /** What it would train on: "cpu", "cuda". SeracError("trainer_unavailable") with what is missing. */
  check(): Promise<{ readonly device: string; readonly devices: number; readonly memoryBytes: number | null }>;
  run(run: TrainerRun): Promise<TrainerEnd>;
}
