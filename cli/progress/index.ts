import type { RunEvent } from "../../core/svg/events.ts";
import type { Spend } from "../../core/svg/store.ts";
import type { RunSummary } from "../../core/svg/summary.ts";
import { count, counted } from "../format/count.ts";
import { type Io, wantsColor } from "../io.ts";
import { BOARD_ROWS, boardRows } from "./board-rows.ts";
import { startBoard } from "./board.ts";
import { startLines } from "./lines.ts";
import { tallied, type Tally, talliedSummary } from "./tally.ts";
import type { ProgressView } from "./view.ts";

/** Live progress on stderr: a board that redraws itself on a terminal, now and then a line elsewhere. */
export interface Progress {
  onEvent(event: RunEvent): void;
  onSpend(spend: Spend): void;
  /** Of a run that is worked on elsewhere: how it stands now. */
  onSummary(summary: RunSummary): void;
  /** A sentence for a person, above the board. */
  say(text: string): void;
  /** Leaves the terminal as it was. Idempotent. */
  stop(): void;
}

export function startProgress(io: Io, before: Tally, quiet: boolean): Progress {
  const startedMs = performance.now();
  let tally = before;
  const view = quiet
    ? silent(io)
    : io.err.isTty && io.env["TERM"] !== "dumb"
      ? board(io, before, startedMs)
      : startLines(io.err, startedMs);
  const say = (text: string): void => view.say(io.redactor.clean(text));
  view.update(tally);
  return {
    say,
    onEvent: (event) => {
      tally = tallied(tally, event, performance.now());
      if (event.event === "warning") say(`warning: ${event.message}`);
      if (event.event === "planned" && event.samples < event.requested) say(shortPlan(event.samples, event.requested));
      view.update(tally);
    },
    onSpend: (spend) => {
      tally = { ...tally, spend };
      view.update(tally);
    },
    onSummary: (summary) => {
      tally = talliedSummary(tally, summary, performance.now());
      view.update(tally);
    },
    stop: () => view.stop(),
  };
}

function board(io: Io, before: Tally, startedMs: number): ProgressView<Tally> {
  const color = wantsColor(io.err, io.env);
  return startBoard(io.err, before, BOARD_ROWS, (tally) =>
    boardRows(tally, { startedMs, nowMs: performance.now() }, { columns: io.err.columns(), color }),
  );
}

const shortPlan = (samples: number, requested: number): string =>
  `note: ${count(samples)} of ${counted(requested, "sample")} can be planned: there are not more functions. --per-function gives more.`;

/** Warnings are said even so. */
const silent = (io: Io): ProgressView<Tally> => ({ update: () => {}, say: (text) => io.err.tell(`${text}\n`), stop: () => {} });
