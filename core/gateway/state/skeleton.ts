import type { JsonObject } from "../client/request.ts";
import { isKeptByClients, lineTails, trimLines, withLineTails, type LineTail } from "./client-edits.ts";
import { inputStrings, isInputPath, stringAt, type InputPath } from "./input-strings.ts";
import { cutStrings, isRendering, readings, renderString } from "./string-tokens.ts";

/** Changes a text of the client into what the model calls it, such as a path. */
export type Derive = (text: string) => string;

/**
 * Arguments as the model wrote them, without what the client's input says anyway: texts stand for themselves, references for a
 * string of the input. [rendering, or rendering + DERIVED; place; white space at the ends of lines by line number]
 */
export type Skeleton = string | readonly (string | Reference)[];
type Reference = readonly [mode: number, path: InputPath, tails?: readonly (number | string)[]];

const DERIVED = 4;

/** A reference to a string shorter than this would take more room than the string. Characters, with quotes. */
const SHORTEST = 14;

/** What a hostile skeleton may grow to by naming one long string often. Characters. */
const MAX_ARGUMENTS = 16 * 1024 * 1024;

export function skeletonOf(json: string, input: JsonObject, derive: Derive | null): Skeleton {
  const find = finder(input, derive);
  const pieces: (string | Reference)[] = [""];
  cutStrings(json).forEach((piece, at) => {
    const reference = at % 2 === 1 && piece.length >= SHORTEST ? find(piece) : null;
    const last = pieces.length - 1;
    if (reference !== null) pieces.push(reference, "");
    else pieces[last] = `${String(pieces[last])}${piece}`;
  });
  const kept = pieces.filter((piece) => piece !== "");
  return kept.every((piece) => typeof piece === "string") ? kept.join("") : kept;
}

/** Null when it is none, or refers to what is not in the input. */
export function fillSkeleton(skeleton: unknown, input: JsonObject, derive: Derive | null): string | null {
  if (typeof skeleton === "string") return skeleton;
  if (!Array.isArray(skeleton)) return null;
  const texts: string[] = [];
  const known = new Map<string, string | null>();
  let length = 0;
  for (const piece of skeleton as readonly unknown[]) {
    const key = typeof piece === "string" ? null : JSON.stringify(piece);
    const text = key === null ? String(piece) : known.has(key) ? known.get(key)! : resolve(piece, input, derive);
    if (key !== null) known.set(key, text);
    if (text === null || (length += text.length) > MAX_ARGUMENTS) return null;
    texts.push(text);
  }
  return texts.join("");
}

interface Candidate {
  readonly path: InputPath;
  readonly isDerived: boolean;
  /** What the model calls it. */
  readonly text: string;
}

/** Looks strings up in an input: first as they are, then derived. */
function finder(input: JsonObject, derive: Derive | null): (token: string) => Reference | null {
  const byTrimmed = new Map<string, Candidate>();
  const add = (path: InputPath, isDerived: boolean, text: string, echoed: string) => {
    // However much of its trailing space the client keeps, the same text must come out.
    const trimmed = trimLines(text);
    if (trimmed === trimLines(echoed) && !byTrimmed.has(trimmed)) byTrimmed.set(trimmed, { path, isDerived, text });
  };
  const strings = inputStrings(input).filter(({ text }) => isKeptByClients(text));
  for (const { path, text } of strings) add(path, false, text, text);
  if (derive !== null) for (const { path, text } of strings) add(path, true, derive(text), derive(trimLines(text)));
  return (token) => {
    for (const { rendering, text } of readings(token)) {
      const candidate = byTrimmed.get(trimLines(text));
      const found = lineTails(text);
      if (candidate === undefined || withLineTails(trimLines(candidate.text), found) !== text) continue;
      const tails = found.flatMap(({ line, space }) => [line, space]);
      const mode = candidate.isDerived ? rendering + DERIVED : rendering;
      return tails.length === 0 ? [mode, candidate.path] : [mode, candidate.path, tails];
    }
    return null;
  };
}

function resolve(piece: unknown, input: JsonObject, derive: Derive | null): string | null {
  if (!Array.isArray(piece)) return null;
  const [mode, path, flat = []] = piece as readonly unknown[];
  const tails = readTails(flat);
  if (typeof mode !== "number" || !isInputPath(path) || tails === null) return null;
  const rendering = mode % DERIVED;
  if (!isRendering(rendering) || (mode !== rendering && mode !== rendering + DERIVED)) return null;
  const echoed = stringAt(input, path);
  if (echoed === null || (mode >= DERIVED && derive === null)) return null;
  const text = withLineTails(trimLines(mode >= DERIVED ? derive!(echoed) : echoed), tails);
  return text === null ? null : renderString(text, rendering);
}

function readTails(flat: unknown): LineTail[] | null {
  if (!Array.isArray(flat)) return null;
  const tails: LineTail[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const [line, space] = [flat[at] as unknown, flat[at + 1] as unknown];
    if (typeof line !== "number" || typeof space !== "string" || space.trim() !== "") return null;
    tails.push({ line, space });
  }
  return tails;
}
