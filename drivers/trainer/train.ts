import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { SeracError } from "../../core/errors/index.ts";
import { TRAINER_EXIT } from "../../core/training/events.ts";
import { readTrainingEvent } from "../../core/training/read-events.ts";
import type { TrainerEnd, TrainerRun } from "../../core/training/trainer.ts";
import { runHeld } from "./held.ts";

export interface TrainerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Ends what is in no process of ours; empty: nothing is. */
  readonly kill: readonly string[];
}

export interface Training extends TrainerRun {
  /** Of this model. Removed when the model is there. */
  readonly scratch: string;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly command: TrainerCommand;
}

/** Lines of the end, for an error that the trainer itself had no words for. */
const KEPT_LINES = 12;
const WIDEST_LINE = 400;

/** Runs the trainer's command and hands its events over. SeracError("training_failed") when it breaks without saying why. */
export async function train({ scratch, graceMs, command, onEvent, onLog, signal }: Training): Promise<TrainerEnd> {
  await mkdir(scratch, { recursive: true });
  const last: string[] = [];
  let hasFailed = false;
  const log = (line: string): void => {
    last.push(line.slice(0, WIDEST_LINE));
    if (last.length > KEPT_LINES) last.shift();
    onLog(line);
  };
  const held = { ...command, env: undefined, graceMs, lockFile: join(scratch, "trainer.lock") };
  const code = await runHeld(held, {
    env: command.env,
    onOutput: (line) => {
      const event = readTrainingEvent(line);
      if (event === null) return log(line);
      hasFailed ||= event.event === "failed";
      onEvent(event);
    },
    onError: log,
    signal,
  });
  if (code === TRAINER_EXIT.done) {
    await rm(scratch, { recursive: true, force: true });
    return "done";
  }
  if (code === TRAINER_EXIT.interrupted) return "interrupted";
  if (hasFailed) return "failed";
  // Asked to end before it knew how to: nothing is lost but time.
  if (signal.aborted) return "interrupted";
  throw broken(code, last);
}

function broken(code: number, last: readonly string[]): SeracError {
  const said = last.length === 0 ? "" : ` The last it said:\n${last.map((line) => `  ${line}`).join("\n")}`;
  const isKilled = code === 128 + 9;
  return new SeracError("training_failed", `The trainer ${isKilled ? "was killed" : `ended with exit code ${code}`}.${said}`, {
    hint: isKilled
      ? "Memory has probably run out: a smaller train.contextTokens or train.loraRank needs less. --resume goes on from the last checkpoint."
      : "Mend what it says, then go on from the last checkpoint with --resume.",
  });
}
