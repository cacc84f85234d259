import { changesOf } from "./changed-lines.ts";
import { parsePatch } from "./parse.ts";

/** Shorter lines (`return None`, `else:`) stand in any text about code. */
const LEAK_LENGTH = 20;

/** The distinct added and deleted lines, trimmed, of at least `minLength` characters (code points). */
export function patchLines(patch: string, minLength: number): readonly string[] {
  const lines = new Set<string>();
  for (const { line } of changesOf(parsePatch(patch))) {
    const bare = line.slice(1).trim();
    if (bare.length >= minLength && Array.from(bare).length >= minLength) lines.add(bare);
  }
  return [...lines];
}

/** The changed lines of the patch that the text gives away word for word; empty when it gives away none. */
export function leaks(text: string, patch: string): readonly string[] {
  return patchLines(patch, LEAK_LENGTH).filter((line) => text.includes(line));
}
