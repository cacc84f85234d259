import type { Sandbox } from "../../../sandbox.ts";
import { cannotBeRead, isBinary } from "./sentences.ts";
import { readText, type TextFile } from "./text-file.ts";

/** Larger files are for grep, sed and head. */
export const MAX_EDITOR_BYTES = 4_000_000;

export interface LoadedFile extends TextFile {
  readonly bytes: Uint8Array;
}

export type LoadResult = { readonly ok: true; readonly file: LoadedFile } | { readonly ok: false; readonly problem: string };

/** A text file of the workspace, or a sentence on why the editor cannot work with it. `path` must exist. */
export async function loadFile(sandbox: Sandbox, path: string, size: number): Promise<LoadResult> {
  if (size > MAX_EDITOR_BYTES) {
    const megabytes = (size / 1e6).toFixed(1);
    return { ok: false, problem: `The file ${path} has ${megabytes} MB, too much for this tool. Use grep, sed or head in bash.` };
  }
  const bytes = await sandbox.readFile(path, MAX_EDITOR_BYTES);
  if (bytes === null) return { ok: false, problem: cannotBeRead(path) };
  const file = readText(bytes);
  if (file === null) return { ok: false, problem: isBinary(path) };
  return { ok: true, file: { ...file, bytes } };
}
