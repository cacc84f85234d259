import { createHash } from "node:crypto";
import { parsePatch } from "./parse.ts";
import type { PatchFile } from "./patch-file.ts";

/**
 * SHA-256 (hex) of what a patch does, for exact duplicates. Normalised: text around the files, `index` lines, similarity, hunk positions
 * and headings, the CR at the end of a line and the order of the files do not count; paths, kind, modes, context, changes and binary content do.
 */
export function patchHash(patch: string): string {
  const files = parsePatch(patch).map(normalForm).toSorted();
  return createHash("sha256").update(JSON.stringify(files)).digest("hex");
}

function normalForm(file: PatchFile): string {
  const hunks = file.hunks.map((hunk) => hunk.lines.map((line) => (line[0] === "\\" ? "\\" : line.replace(/\r$/, ""))));
  return JSON.stringify([file.oldPath, file.newPath, file.kind, file.oldMode, file.newMode, file.isBinary, file.binary, hunks]);
}
