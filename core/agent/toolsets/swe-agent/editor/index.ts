import { posix } from "node:path";
import type { FileStat, Sandbox } from "../../../sandbox.ts";
import { textArgument } from "../../arguments.ts";
import { isEditorCommand, type EditorCommand } from "../definitions.ts";
import type { SweAgentEffect, SweAgentState } from "../state.ts";
import { planInsert } from "./insert.ts";
import { loadFile } from "./load.ts";
import { workspacePath } from "./path.ts";
import {
  alreadyExists,
  couldNotBeWritten,
  created,
  doesNotExist,
  edited,
  isFolder,
  isNeither,
  noEditHistory,
  noParent,
} from "./sentences.ts";
import { digestOf, spliceFile } from "./splice.ts";
import { planReplace } from "./str-replace.ts";
import { undo } from "./undo.ts";
import { view } from "./view.ts";

export interface EditorResult {
  readonly text: string;
  /** Null when nothing was changed. */
  readonly effect: SweAgentEffect | null;
}

/** One call of str_replace_editor, its arguments already read against the definition. JSON can carry half a surrogate pair, which no file can. */
export async function runEditor(sandbox: Sandbox, state: SweAgentState, given: Readonly<Record<string, unknown>>): Promise<EditorResult> {
  const { command } = given;
  if (!isEditorCommand(command)) throw new TypeError("The arguments were not read against the definition.");
  const located = workspacePath(textArgument(given, "path"));
  if (!located.ok) return unchanged(located.problem);
  const { path } = located;
  const stat = await sandbox.stat(path);
  if (command === "create") return create(sandbox, path, stat, textArgument(given, "file_text").toWellFormed());
  if (stat === null) return unchanged(doesNotExist(path));
  if (command === "view" && stat.kind !== "other") return unchanged(await view(sandbox, path, stat, given["view_range"]));
  if (stat.kind === "directory") return unchanged(isFolder(path));
  if (stat.kind === "other") return unchanged(isNeither(path));
  if (command === "undo_edit") return undoEdit(sandbox, state, path, stat);
  return edit(sandbox, command, path, stat, given);
}

async function create(sandbox: Sandbox, path: string, stat: FileStat | null, text: string): Promise<EditorResult> {
  if (stat !== null) return unchanged(alreadyExists(path));
  const parent = posix.dirname(path);
  if ((await sandbox.stat(parent))?.kind !== "directory") return unchanged(noParent(parent));
  const content = new TextEncoder().encode(text);
  const refusal = await sandbox.writeFile(path, content);
  if (refusal !== null) return unchanged(couldNotBeWritten(path, refusal));
  const undoStep = { at: 0, removedBase64: "", insertedBytes: content.length, insertedDigest: digestOf(content), created: true };
  return { text: created(path), effect: { type: "edit", path, undo: undoStep } };
}

async function edit(
  sandbox: Sandbox,
  command: EditorCommand,
  path: string,
  stat: FileStat,
  given: Readonly<Record<string, unknown>>,
): Promise<EditorResult> {
  const loaded = await loadFile(sandbox, path, stat.size);
  if (!loaded.ok) return unchanged(loaded.problem);
  const newText = textArgument(given, "new_str").toWellFormed();
  const planned =
    command === "insert"
      ? planInsert(loaded.file, given["insert_line"], newText)
      : planReplace(loaded.file, path, textArgument(given, "old_str").toWellFormed(), newText);
  if (!planned.ok) return unchanged(planned.problem);
  const done = await spliceFile(sandbox, path, loaded.file, planned.splice);
  if (!done.ok) return unchanged(done.problem);
  const { start, replacement } = planned.splice;
  // Lines that were added end with their own line end, which the snippet must not count as one more line.
  const shownLength = command === "insert" ? replacement.replace(/\r?\n$/, "").length : replacement.length;
  return {
    text: edited(path, done.text, start, shownLength),
    effect: { type: "edit", path, undo: done.undo },
  };
}

async function undoEdit(sandbox: Sandbox, state: SweAgentState, path: string, stat: FileStat): Promise<EditorResult> {
  const step = state.edits.get(path)?.at(-1);
  if (step === undefined) return unchanged(noEditHistory(path));
  const loaded = await loadFile(sandbox, path, stat.size);
  if (!loaded.ok) return unchanged(loaded.problem);
  const undone = await undo(sandbox, path, loaded.file, step);
  return undone.ok ? { text: undone.message, effect: { type: "undo", path } } : unchanged(undone.problem);
}

function unchanged(text: string): EditorResult {
  return { text, effect: null };
}
