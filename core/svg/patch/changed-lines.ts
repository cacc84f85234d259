import { parsePatch } from "./parse.ts";
import type { PatchFile } from "./patch-file.ts";

/** Added plus deleted lines, blank ones included. InputError("not_a_patch"). */
export function changedLines(patch: string): number {
  let changed = 0;
  for (const _ of changesOf(parsePatch(patch))) changed++;
  return changed;
}

/** Every added and deleted line with its sign, in the order of the patch. */
export function* changesOf(files: readonly PatchFile[]): Generator<{ readonly file: PatchFile; readonly line: string }> {
  for (const file of files) {
    for (const hunk of file.hunks) {
      for (const line of hunk.lines) {
        if (line[0] === "+" || line[0] === "-") yield { file, line };
      }
    }
  }
}
