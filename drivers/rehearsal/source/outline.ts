import type { Language } from "./language.ts";
import type { MaskedLine } from "./mask.ts";

/** Consecutive lines of a file, as an observation showed them. */
export interface SourceView {
  /** Number of the first line, from 1. */
  readonly firstLine: number;
  readonly lines: readonly string[];
}

export interface Parameter {
  readonly name: string;
  /** As written; null where there is none. */
  readonly type: string | null;
  readonly hasDefault: boolean;
}

/** Where in a view a function lies. Line indexes count from the view's first line. */
export interface Outline {
  readonly language: Language;
  readonly view: SourceView;
  /** The line that holds the name. */
  readonly header: number;
  /** The last line of the signature. */
  readonly headerEnd: number;
  /** Statements can go before this line; null where there is no block to put them in. */
  readonly bodyStart: number | null;
  /** First line after the body, or after the view. */
  readonly bodyEnd: number;
  readonly indent: string;
  readonly parameters: readonly Parameter[];
  /** Types of the results, for Go. */
  readonly results: readonly string[];
  /** From `header` on, one for each line of the view. */
  readonly masked: readonly MaskedLine[];
}

export const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? "";

/** The masked line at an index of the view; undefined outside of it and before the header. */
export const maskedAt = (outline: Pick<Outline, "header" | "masked">, index: number): MaskedLine | undefined =>
  outline.masked[index - outline.header];
