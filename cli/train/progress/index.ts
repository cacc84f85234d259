import type { TrainingEvent } from "../../../core/training/events.ts";
import { duration } from "../../format/duration.ts";
import { printable } from "../../format/printable.ts";
import { type Io, wantsColor } from "../../io.ts";
import type { Printer } from "../../printer.ts";
import { BOARD_ROWS } from "../../progress/board-rows.ts";
import { startBoard } from "../../progress/board.ts";
import type { ProgressView } from "../../progress/view.ts";
import { joined } from "../../progress/wording.ts";
import { trainingRows } from "./rows.ts";
import { emptyTally, tallied, type TrainingTally } from "./tally.ts";
import { checkpointPhrase, leftPhrase, lossPhrase, sentence, speedPhrase, stepsPhrase } from "./wording.ts";

/** Live progress of a training on stderr: a board on a terminal, lines elsewhere. */
export interface TrainingProgress {
  onEvent(event: TrainingEvent): void;
  /** A sentence for a person, above the board. */
  say(text: string): void;
  /** Leaves the terminal as it was. Idempotent. */
  stop(): void;
}

export function startTrainingProgress(io: Io, modelId: string, quiet: boolean): TrainingProgress {
  const startedMs = performance.now();
  let tally = emptyTally(modelId);
  const view = quiet
    ? silent(io.err)
    : io.err.isTty && io.env["TERM"] !== "dumb"
      ? board(io, tally, startedMs)
      : startTrainingLines(io.err, startedMs);
  const say = (text: string): void => view.say(io.redactor.clean(printable(text)));
  view.update(tally);
  return {
    say,
    onEvent: (event) => {
      const text = quiet ? null : sentence(event);
      if (text !== null) say(text);
      tally = tallied(tally, event);
      view.update(tally);
    },
    stop: () => view.stop(),
  };
}

function board(io: Io, first: TrainingTally, startedMs: number): ProgressView<TrainingTally> {
  const style = { color: wantsColor(io.err, io.env) };
  return startBoard(io.err, first, BOARD_ROWS, (tally) =>
    trainingRows(tally, { startedMs, nowMs: performance.now() }, { ...style, columns: io.err.columns() }),
  );
}

const BETWEEN_MS = 5000;

/** For pipes and log files: a line at each change of stage, and one every few seconds while steps are made. */
function startTrainingLines(printer: Printer, startedMs: number): ProgressView<TrainingTally> {
  let stage = "starting";
  let told = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const line = (text: string, nowMs: number): void => printer.tell(`[${duration(nowMs - startedMs)}] ${text}\n`);
  return {
    update: (tally) => {
      const nowMs = performance.now();
      if (tally.stage !== stage) {
        stage = tally.stage;
        line(printable(stage), nowMs);
      }
      const isLast = tally.step === tally.steps;
      if (tally.step === told || tally.loss === null || (!isLast && nowMs - lastAt < BETWEEN_MS)) return;
      told = tally.step;
      lastAt = nowMs;
      line(joined([stepsPhrase(tally), lossPhrase(tally), speedPhrase(tally), checkpointPhrase(tally), leftPhrase(tally)]), nowMs);
    },
    say: (text) => printer.tell(`${text}\n`),
    stop: () => {},
  };
}

const silent = (printer: Printer): ProgressView<TrainingTally> => ({
  update: () => {},
  say: (text) => printer.tell(`${text}\n`),
  stop: () => {},
});
