import type { Sandbox } from "../../../sandbox.ts";
import type { UndoStep } from "../state.ts";
import type { LoadedFile } from "./load.ts";
import { snippet } from "./snippet.ts";
import { digestOf, spliceBytes } from "./splice.ts";
import { readText } from "./text-file.ts";

const REMOVE_LIMIT_MS = 10_000;

export type UndoResult = { readonly ok: true; readonly message: string } | { readonly ok: false; readonly problem: string };

/** Takes one edit back, and only that: what other commands changed elsewhere in the file stays. */
export async function undo(sandbox: Sandbox, path: string, file: LoadedFile, step: UndoStep): Promise<UndoResult> {
  const inserted = file.bytes.subarray(step.at, step.at + step.insertedBytes);
  const isThere = inserted.length === step.insertedBytes && digestOf(inserted) === step.insertedDigest;
  if (!isThere || (step.created && file.bytes.length !== step.insertedBytes)) {
    return { ok: false, problem: `The last edit to ${path} cannot be undone: the file was changed at that place by something else since.` };
  }
  if (step.created) {
    await sandbox.exec(`rm -f -- ${quoted(path)}`, { timeoutMs: REMOVE_LIMIT_MS, shell: "fresh" });
    if ((await sandbox.stat(path)) !== null) return { ok: false, problem: `The file ${path} could not be removed.` };
    return { ok: true, message: `The last edit to ${path} was its creation; it was undone and the file is gone.\n` };
  }
  const removed = Buffer.from(step.removedBase64, "base64");
  const before = spliceBytes(file.bytes, step.at, step.insertedBytes, removed);
  const refusal = await sandbox.writeFile(path, before);
  if (refusal !== null) return { ok: false, problem: `The file ${path} could not be written: ${refusal}` };
  const at = readText(before.subarray(0, step.at))?.text.length ?? 0;
  const length = readText(removed)?.text.length ?? 0;
  const text = readText(before)?.text ?? "";
  return { ok: true, message: `The last edit to ${path} was undone. ${snippet(text, at, length, path)}` };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
