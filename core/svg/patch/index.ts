export { changedLines } from "./changed-lines.ts";
export { patchHash } from "./hash.ts";
export { leaks, patchLines } from "./leaks.ts";
export { parsePatch } from "./parse.ts";
export type { Hunk, PatchFile } from "./patch-file.ts";
