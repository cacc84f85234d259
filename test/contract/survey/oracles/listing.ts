/** Name, first line, last line; 1-based, inclusive. Some parsers list qualified names, some plain ones. */
export type ListedFunction = readonly [name: string, startLine: number, endLine: number];

/** What a language's own parser says of one file. */
export interface FileFunctions {
  readonly path: string;
  readonly functions?: readonly ListedFunction[];
  readonly error?: string;
}

export function readListing(jsonLines: string): FileFunctions[] {
  return jsonLines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as FileFunctions);
}
