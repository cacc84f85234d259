import { duration } from "../format/duration.ts";
import { doneOf, type Tally } from "./tally.ts";
import { joined, ratePhrase, recallPhrase, samplesPhrase, spendPhrase, timeLeftPhrase, verdictsPhrase, type Moment } from "./wording.ts";

export interface BoardStyle {
  readonly columns: number;
  readonly color: boolean;
}

/** How many rows the board always has, so that redrawing never jumps. */
export const BOARD_ROWS = 4;

const WIDEST_BAR = 40;
const NARROW = 60;

/** The live board of `serac run` on a terminal: four rows, none wider than the terminal. */
export function boardRows(tally: Tally, moment: Moment, style: BoardStyle): string[] {
  const head = joined([
    tally.runId === "" ? "run" : tally.runId,
    tally.stage,
    tally.sandbox === "" ? null : tally.sandbox,
    duration(moment.nowMs - moment.startedMs),
  ]);
  const isNarrow = style.columns < NARROW;
  const rows = [
    head,
    barRow(tally.planned === 0 ? null : doneOf(tally) / tally.planned, samplesPhrase(tally), style),
    verdictsPhrase(tally, isNarrow ? 1 : 4),
    isNarrow
      ? joined([recallPhrase(tally), spendPhrase(tally), timeLeftPhrase(tally, moment)])
      : joined([recallPhrase(tally), ratePhrase(tally, moment), spendPhrase(tally), timeLeftPhrase(tally, moment)]),
  ];
  // One column stays free: some terminals wrap when the last one is written.
  return styled(
    rows.map((row) => fit(row, style.columns - 1)),
    style,
  );
}

/** Four rows: the head stands out, the bar has a colour, the last row is quiet. */
export function styled(rows: readonly string[], { color }: BoardStyle): string[] {
  if (!color) return [...rows];
  return [`\u001B[1m${rows[0]}\u001B[22m`, `\u001B[36m${rows[1]}\u001B[39m`, rows[2]!, `\u001B[2m${rows[3]}\u001B[22m`];
}

/** A bar with its label, or the label alone while the share is not known. */
export function barRow(done: number | null, label: string, { columns }: BoardStyle): string {
  if (done === null) return label;
  const share = Math.min(1, done);
  const percent = ` ${String(Math.floor(share * 100)).padStart(3)} % `;
  const width = Math.min(WIDEST_BAR, columns - 1 - label.length - percent.length);
  if (width < 5) return `${percent.trim()} ${label}`;
  const full = Math.round(share * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)}${percent}${label}`;
}

export function fit(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns <= 1 ? "" : `${text.slice(0, columns - 1)}…`;
}
