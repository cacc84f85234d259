import type { Language } from "../source/language.ts";
import type { SourceView } from "../source/outline.ts";

/** The longest run of consecutive numbered lines, as `cat -n` prints them; null when there is none. */
export function numberedLines(observation: string): SourceView | null {
  let best: { firstLine: number; lines: string[] } | null = null;
  let run: { firstLine: number; lines: string[] } | null = null;
  for (const line of observation.split("\n")) {
    const match = /^ {0,5}(\d{1,7})\t(.*)$/.exec(line);
    const number = Number(match?.[1] ?? 0);
    const text = match?.[2] ?? "";
    if (match !== null && run !== null && number === run.firstLine + run.lines.length) run.lines.push(text);
    else run = match === null ? null : { firstLine: number, lines: [text] };
    if (run !== null && run.lines.length > (best?.lines.length ?? 0)) best = run;
  }
  return best;
}

export interface FoundLine {
  readonly number: number;
  readonly text: string;
  /** False for the lines of context around a hit. */
  readonly isHit: boolean;
}

/** What `grep -n` with context printed for one file. */
export function foundLines(observation: string): readonly FoundLine[] {
  return observation.split("\n").flatMap((line) => {
    const match = /^(\d{1,7})([:-])(.*)$/.exec(line);
    return match === null ? [] : [{ number: Number(match[1]), text: match[3] ?? "", isHit: match[2] === ":" }];
  });
}

/** The last line that is a bare number, as `wc -l < file` prints it; null when there is none. */
export function lineCount(observation: string): number | null {
  const counts = [...observation.matchAll(/^\s*(\d{1,9})\s*$/gm)];
  const last = counts.at(-1)?.[1];
  return last === undefined ? null : Number(last);
}

/** The editor shows tabs as blanks; in a file that is indented with tabs, leading eights become tabs again. */
export function restoreTabs(view: SourceView, found: readonly FoundLine[], language: Language): SourceView {
  const hasTabs = language.family === "go" || found.some(({ text }) => text.startsWith("\t"));
  if (!hasTabs) return view;
  return { ...view, lines: view.lines.map((line) => line.replace(/^(?: {8})+/, (blanks) => "\t".repeat(blanks.length / 8))) };
}
