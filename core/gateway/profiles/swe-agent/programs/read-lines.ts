import { readReadResult, type ReadResult } from "../results/index.ts";
import type { ClientCall, DoneStep, Ground } from "../program.ts";

/** A part of a program: asks for client calls, and ends with what they brought. */
export type Part<T> = Generator<ClientCall, T, DoneStep>;

export interface LineRange {
  /** From 1. */
  readonly offset?: number;
  readonly limit?: number;
}

/**
 * One Read of the client. Newer clients show an unchanged file only once: then what the conversation holds of it counts, and where that
 * was compacted away another range makes the client show it again.
 */
export function* readLines(clientPath: string, range: LineRange, { memory }: Ground): Part<ReadResult> {
  const input = { file_path: clientPath, ...range };
  const read = readReadResult((yield { name: "Read", input }).result);
  if (read.kind !== "unchanged") return read;
  const earlier = memory.earlierRead(input);
  if (earlier !== null) return readReadResult(earlier);
  const limit = range.limit ?? WHOLE_LIMIT;
  const again = readReadResult((yield { name: "Read", input: { ...input, limit: limit + 1 } }).result);
  return again.kind === "lines" && again.lines.length > limit ? { ...again, lines: again.lines.slice(0, limit) } : again;
}

/** Lines that every client shows at once when they are not too long: older ones stop there by themselves. */
export const WHOLE_LIMIT = 2_000;
