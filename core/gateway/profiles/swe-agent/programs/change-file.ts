import { edited } from "../../../../agent/toolsets/swe-agent/editor/sentences.ts";
import type { Planned } from "../../../../agent/toolsets/swe-agent/editor/str-replace.ts";
import { observation } from "../../../../agent/observation.ts";
import { readEditResult, readWriteResult } from "../results/index.ts";
import { observed, type Ground, type Outcome } from "../program.ts";
import { regionEdit } from "../region-edit.ts";
import type { Part } from "./read-lines.ts";
import { readWhole } from "./read-whole.ts";
import { unreadable } from "./unreadable.ts";

/** Longer files are for other tools, as in the harness. Characters. */
const MAX_CHARACTERS = 4_000_000;
/** The client refuses to edit what changed since it was read; then the file is read, and the change planned, once more. */
const TRIES = 2;

/** 1.0.128 to 2.1.329. The text was just read, so another call of the same reply has changed it. */
const MOVED = /^String to replace not found in file\./;

export interface FileChange {
  /** The file's text afterwards, as the model sees it. */
  readonly text: string;
  readonly at: number;
  readonly removed: string;
  readonly inserted: string;
}

export type ChangeResult =
  | { readonly kind: "changed"; readonly change: FileChange }
  /** What the model is told instead. */
  | { readonly kind: "unchanged"; readonly outcome: Outcome };

/**
 * Reads a file, plans a change of its text as the model sees it with the harness's own functions, and has the client make it. Reading
 * first costs as many client calls as editing first and reading the result, and leaves nothing to the client's notion of a match.
 */
export function* changeFile(path: string, plan: (text: string) => Planned, ground: Ground): Part<ChangeResult> {
  const { paths } = ground;
  const clientPath = paths.toClient(path);
  let refusal = "";
  for (let tries = 0; tries < TRIES; tries++) {
    const read = yield* readWhole(clientPath, MAX_CHARACTERS, ground);
    if (read.kind !== "text") return unchanged(unreadable(path, read, paths));
    const text = paths.toModel(read.text);
    const planned = plan(text);
    if (!planned.ok) return unchanged(planned.problem);
    const { start, end, replacement } = planned.splice;
    const after = paths.toClient(text.slice(0, start) + replacement + text.slice(end));
    const put = yield* putText(clientPath, read.text, after);
    if (put.kind === "done") {
      const known = put.text === after ? replacement : null;
      return { kind: "changed", change: changeOf(text, paths.toModel(put.text), start, end, known) };
    }
    refusal = put.text;
    if (!put.isStale) break;
  }
  return unchanged(paths.toModel(refusal));
}

/** `known` is what was put in; null when the client made something else of it, and then it is what differs. */
function changeOf(before: string, after: string, start: number, end: number, known: string | null): FileChange {
  const tail = before.length - end;
  const inserted = known ?? after.slice(start, after.length - tail);
  return { text: after, at: start, removed: before.slice(start, end), inserted };
}

type PutResult =
  /** The file's text as the client wrote it: clients take white space off the ends of new lines. */
  { readonly kind: "done"; readonly text: string } | { readonly kind: "refused"; readonly text: string; readonly isStale: boolean };

function* putText(clientPath: string, before: string, after: string): Part<PutResult> {
  const region = regionEdit(before, after);
  if (region === null) {
    const step = yield { name: "Write", input: { file_path: clientPath, content: after } };
    const answer = readWriteResult(step.result);
    if ("text" in answer) return { kind: "refused", text: answer.text, isStale: answer.kind === "stale" };
    return { kind: "done", text: textOf(step.use.input["content"], after) };
  }
  const input = { file_path: clientPath, old_string: region.oldText, new_string: region.newText };
  const step = yield { name: "Edit", input };
  const answer = readEditResult(step.result);
  if (answer.kind !== "edited") {
    return { kind: "refused", text: answer.text, isStale: answer.kind === "stale" || MOVED.test(answer.text) };
  }
  const at = before.indexOf(region.oldText);
  const written = textOf(step.use.input["new_string"], region.newText);
  return { kind: "done", text: before.slice(0, at) + written + before.slice(at + region.oldText.length) };
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function unchanged(text: string): ChangeResult {
  return { kind: "unchanged", outcome: observed(observation(text)) };
}

/** The outcome of a change: the harness's sentence, and what an undo needs. */
export function changed(path: string, { text, at, removed, inserted }: FileChange, shownLength: number): Outcome {
  const edit = { at, removed, inserted, created: false };
  return observed(observation(edited(path, text, at, shownLength)), { type: "edit", path, edit });
}
