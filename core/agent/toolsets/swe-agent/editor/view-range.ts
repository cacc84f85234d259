import { asInteger } from "./insert.ts";

export type RangeResult =
  | { readonly ok: true; readonly first: number; readonly last: number }
  | { readonly ok: false; readonly problem: string };

/** `[a, b]`, from 1, inclusive, b = -1 for the end; every mistake has a message of its own. */
export function readViewRange(range: unknown, lineCount: number): RangeResult {
  const numbers = Array.isArray(range) ? range.map(asInteger) : [];
  const [first, last] = numbers;
  if (numbers.length !== 2 || first == null || last == null) {
    return wrong("Invalid `view_range`. It must be a list of two integers.");
  }
  const invalid = `Invalid \`view_range\`: [${first}, ${last}].`;
  if (first < 1 || first > lineCount) {
    return wrong(`${invalid} Its first element \`${first}\` must be within the range of lines of the file: [1, ${lineCount}].`);
  }
  if (last > lineCount) return wrong(`${invalid} Its second element \`${last}\` is beyond the last line of the file, \`${lineCount}\`.`);
  if (last !== -1 && last < first)
    return wrong(`${invalid} Its second element \`${last}\` must not be smaller than its first, \`${first}\`; -1 means the end.`);
  return { ok: true, first, last: last === -1 ? lineCount : last };
}

function wrong(problem: string): RangeResult {
  return { ok: false, problem };
}
