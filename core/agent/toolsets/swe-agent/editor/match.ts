import { countCharacters } from "../../../observation.ts";
import { expandTabs } from "./text-file.ts";

/** A place in the text as shown (LF, tabs kept). */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** Column of `start` with tabs expanded. */
  readonly column: number;
  /** Blanks that the place holds more than was asked for, where it begins or ends inside a tab's expansion. */
  readonly lead: string;
  readonly tail: string;
  /** Found only with tabs expanded. */
  readonly isExpanded: boolean;
}

export type MatchResult =
  | { readonly kind: "one"; readonly match: Match }
  | { readonly kind: "none" }
  /** Numbers of the lines on which the places begin, from 1; of the first `MAX_PLACES`. */
  | { readonly kind: "several"; readonly lines: readonly number[] };

/**
 * Where `wanted` stands in `shown`: verbatim, else with the tabs of both expanded, which is how the model saw the file.
 * Overlapping places count as several: which one is meant cannot be known.
 */
export function findMatch(shown: string, wanted: string): MatchResult {
  if (wanted === "") return shown === "" ? one({ start: 0, end: 0, column: 0, lead: "", tail: "", isExpanded: false }) : { kind: "none" };
  const verbatim = placesOf(shown, wanted);
  if (verbatim.length > 1) return { kind: "several", lines: lineNumbers(shown, verbatim) };
  if (verbatim.length === 1) {
    const start = verbatim[0]!;
    return one({ start, end: start + wanted.length, column: columnOf(shown, start), lead: "", tail: "", isExpanded: false });
  }
  if (!shown.includes("\t")) return { kind: "none" };
  const expanded = expandTabs(shown);
  const wantedExpanded = expandTabs(wanted);
  const places = placesOf(expanded, wantedExpanded);
  if (places.length === 0) return { kind: "none" };
  if (places.length > 1) return { kind: "several", lines: lineNumbers(expanded, places) };
  const start = beforeTab(shown, places[0]!);
  const end = afterTab(shown, places[0]! + wantedExpanded.length);
  return one({
    start: start.at,
    end: end.at,
    column: columnOf(shown, start.at),
    lead: " ".repeat(start.inside),
    tail: " ".repeat(end.inside),
    isExpanded: true,
  });
}

function one(match: Match): MatchResult {
  return { kind: "one", match };
}

/** More are not needed to say that one is not enough. */
const MAX_PLACES = 100;

function placesOf(text: string, wanted: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at !== -1 && places.length < MAX_PLACES; at = text.indexOf(wanted, at + 1)) places.push(at);
  return places;
}

function lineNumbers(text: string, places: readonly number[]): readonly number[] {
  const numbers: number[] = [];
  let line = 1;
  let from = 0;
  for (const place of places) {
    for (let at = text.indexOf("\n", from); at !== -1 && at < place; at = text.indexOf("\n", at + 1)) line++;
    from = Math.max(from, place);
    if (numbers.at(-1) !== line) numbers.push(line);
  }
  return numbers;
}

function columnOf(shown: string, at: number): number {
  const line = shown.slice(shown.lastIndexOf("\n", at - 1) + 1, at);
  return countCharacters(expandTabs(line));
}

/** The offset in the shown text for one in its expansion; inside a tab, the tab's start and the blanks since then. */
function beforeTab(shown: string, expandedOffset: number): { readonly at: number; readonly inside: number } {
  const { at, over } = walk(shown, expandedOffset);
  return over === 0 ? { at, inside: 0 } : { at: at - 1, inside: tabWidthAt(shown, at - 1) - over };
}

/** The same for an end: inside a tab, the tab's end and the blanks until there. */
function afterTab(shown: string, expandedOffset: number): { readonly at: number; readonly inside: number } {
  const { at, over } = walk(shown, expandedOffset);
  return { at, inside: over };
}

function tabWidthAt(shown: string, at: number): number {
  return 8 - (columnOf(shown, at) % 8);
}

/** The first shown offset whose expansion reaches `expandedOffset`, and by how much it goes over. */
function walk(shown: string, expandedOffset: number): { readonly at: number; readonly over: number } {
  let column = 0;
  let expanded = 0;
  let at = 0;
  while (expanded < expandedOffset && at < shown.length) {
    const point = shown.codePointAt(at)!;
    const units = point > 0xffff ? 2 : 1;
    const width = point === 9 ? 8 - (column % 8) : 1;
    column = point === 10 || point === 13 ? 0 : column + width;
    expanded += point === 9 ? width : units;
    at += units;
  }
  return { at, over: expanded - expandedOffset };
}
