import type { Sandbox } from "../../../sandbox.ts";
import type { UndoStep } from "../state.ts";
import type { LoadedFile } from "./load.ts";
import { cannotBeUndone, couldNotBeRemoved, couldNotBeWritten, creationUndone, undone } from "./sentences.ts";
import { digestOf, spliceBytes } from "./splice.ts";
import { readText } from "./text-file.ts";

const REMOVE_LIMIT_MS = 10_000;

export type UndoResult = { readonly ok: true; readonly message: string } | { readonly ok: false; readonly problem: string };

/** Takes one edit back, and only that: what other commands changed elsewhere in the file stays. */
export async function undo(sandbox: Sandbox, path: string, file: LoadedFile, step: UndoStep): Promise<UndoResult> {
  const inserted = file.bytes.subarray(step.at, step.at + step.insertedBytes);
  const isThere = inserted.length === step.insertedBytes && digestOf(inserted) === step.insertedDigest;
  if (!isThere || (step.created && file.bytes.length !== step.insertedBytes)) {
    return { ok: false, problem: cannotBeUndone(path) };
  }
  if (step.created) {
    await sandbox.exec(`rm -f -- ${quoted(path)}`, { timeoutMs: REMOVE_LIMIT_MS, shell: "fresh" });
    if ((await sandbox.stat(path)) !== null) return { ok: false, problem: couldNotBeRemoved(path) };
    return { ok: true, message: creationUndone(path) };
  }
  const removed = Buffer.from(step.removedBase64, "base64");
  const before = spliceBytes(file.bytes, step.at, step.insertedBytes, removed);
  const refusal = await sandbox.writeFile(path, before);
  if (refusal !== null) return { ok: false, problem: couldNotBeWritten(path, refusal) };
  const at = readText(before.subarray(0, step.at))?.text.length ?? 0;
  const length = readText(removed)?.text.length ?? 0;
  const text = readText(before)?.text ?? "";
  return { ok: true, message: undone(path, text, at, length) };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
