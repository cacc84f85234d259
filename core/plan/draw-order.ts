import type { SourceFunction } from "../survey/function.ts";
import { digest, wholeNumber } from "./random.ts";

/** Shorter ones rarely hold anything to get wrong (arXiv 2601.20789 draws from all; drawing these last is ours). */
export const SHORT_LINES = 3;

export interface DrawOrder {
  /** Indices into the given functions. */
  readonly long: Uint32Array;
  readonly short: Uint32Array;
}

/**
 * A shuffle that depends on the seed and each function's id alone, so neither the order of the survey nor a function
 * that was added or removed moves the others about.
 */
export function drawOrder(functions: readonly SourceFunction[], seed: number): DrawOrder {
  const keys = Float64Array.from(functions, (fn) => wholeNumber(digest("function", seed, fn.id)));
  const ordered = Uint32Array.from(functions.keys()).toSorted(
    (a, b) => keys[a]! - keys[b]! || (functions[a]!.id < functions[b]!.id ? -1 : 1),
  );
  return {
    long: ordered.filter((index) => functions[index]!.lines >= SHORT_LINES),
    short: ordered.filter((index) => functions[index]!.lines < SHORT_LINES),
  };
}
