import { createHash } from "node:crypto";
import type { Sandbox } from "../../../sandbox.ts";
import type { UndoStep } from "../state.ts";
import type { LoadedFile } from "./load.ts";
import { couldNotBeWritten } from "./sentences.ts";
import { encodeText } from "./text-file.ts";

/** Replace `[start, end)`, in UTF-16 offsets of the file's own text. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export type SpliceResult =
  | { readonly ok: true; readonly text: string; readonly undo: UndoStep }
  | { readonly ok: false; readonly problem: string };

/** Changes one place of a file and nothing else, and says how to take it back. */
export async function spliceFile(sandbox: Sandbox, path: string, file: LoadedFile, splice: Splice): Promise<SpliceResult> {
  const inserted = encodeText(splice.replacement, file.encoding);
  if (inserted === null) {
    return {
      ok: false,
      problem: `The file ${path} is encoded in latin-1, which cannot hold every character of the new text. Nothing was changed.`,
    };
  }
  const at = encodeText(file.text.slice(0, splice.start), file.encoding)!.length;
  const removedLength = encodeText(file.text.slice(splice.start, splice.end), file.encoding)!.length;
  const removed = file.bytes.slice(at, at + removedLength);
  const refusal = await sandbox.writeFile(path, spliceBytes(file.bytes, at, removedLength, inserted));
  if (refusal !== null) return { ok: false, problem: couldNotBeWritten(path, refusal) };
  return {
    ok: true,
    text: file.text.slice(0, splice.start) + splice.replacement + file.text.slice(splice.end),
    undo: {
      at,
      removedBase64: Buffer.from(removed).toString("base64"),
      insertedBytes: inserted.length,
      insertedDigest: digestOf(inserted),
      created: false,
    },
  };
}

export function spliceBytes(bytes: Uint8Array, at: number, length: number, inserted: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - length + inserted.length);
  out.set(bytes.subarray(0, at));
  out.set(inserted, at);
  out.set(bytes.subarray(at + length), at + inserted.length);
  return out;
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
