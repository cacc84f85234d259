/**
 * What Claude Code changes in the strings of a tool's input before it shows them to the model again. Found with 1.0.128, 2.0.77 and
 * 2.1.329, by comparing calls with the history of the next request: white space at the ends of lines goes (Edit's `new_string` and
 * Write's `content`), so does `cd <cwd> && ` in a command; `\\;` becomes `\;`; Edit's `old_string` gets back literals that the client
 * itself had hidden; half a surrogate pair becomes U+FFFD. A lone carriage return may become one with a line feed when space goes.
 */
const REWRITTEN =
  /cd (?:\/|[A-Za-z]:)[^\n]*? && |\\\\;|<\/?(?:fnr|[noesr])>|< ?\/?(?:META_START|META_END|EOT|META|SOS) ?>|\n\n[HA]:|\r(?!\n)/;

/** Whether clients keep all of a string but the white space that ends its lines. */
export const isKeptByClients = (text: string): boolean => !REWRITTEN.test(text) && text.isWellFormed();

/** Splits a text into its lines and what stands between them, in turns. */
const BREAKS = /(\r\n|\n|\r)/;

const LINE_TAIL = /[^\S\r\n](?:[\r\n]|$)/;

export interface LineTail {
  /** Counted from 0. */
  readonly line: number;
  readonly space: string;
}

/** A text without the white space that ends its lines, exactly as the client takes it off. */
export function trimLines(text: string): string {
  return LINE_TAIL.test(text) ? split(text).map(trimPart).join("") : text;
}

/** What `trimLines` takes off. */
export function lineTails(text: string): LineTail[] {
  if (!LINE_TAIL.test(text)) return [];
  return split(text).flatMap((part, at) => {
    const space = at % 2 === 0 ? part.slice(part.trimEnd().length) : "";
    return space === "" ? [] : [{ line: at / 2, space }];
  });
}

/** Puts white space back to the ends of lines; null when there is no such line. */
export function withLineTails(trimmed: string, tails: readonly LineTail[]): string | null {
  if (tails.length === 0) return trimmed;
  const parts = split(trimmed);
  for (const { line, space } of tails) {
    if (parts[line * 2] === undefined) return null;
    parts[line * 2] += space;
  }
  return parts.join("");
}

const split = (text: string): string[] => text.split(BREAKS);

const trimPart = (part: string, at: number): string => (at % 2 === 0 ? part.trimEnd() : part);
