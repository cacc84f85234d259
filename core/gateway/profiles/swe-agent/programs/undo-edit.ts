import type { Planned } from "../../../../agent/toolsets/swe-agent/editor/str-replace.ts";
import {
  cannotBeUndone,
  couldNotBeRemoved,
  creationUndone,
  noEditHistory,
  undone,
} from "../../../../agent/toolsets/swe-agent/editor/sentences.ts";
import { observation } from "../../../../agent/observation.ts";
import type { TextEdit } from "../memory.ts";
import { observed, type Ground, type Program } from "../program.ts";
import { quotePath } from "../quote-path.ts";
import { readBashResult } from "../results/index.ts";
import { changeFile } from "./change-file.ts";
import { readWhole } from "./read-whole.ts";
import { unreadable } from "./unreadable.ts";

/** Takes back the last edit of a file that this conversation made and did not take back yet, as long as it still stands where it was made. */
export function* undoEdit(path: string, ground: Ground): Program {
  const edit = ground.memory.edits.get(path)?.at(-1);
  if (edit === undefined) {
    const read = yield* readWhole(ground.paths.toClient(path), 0, ground);
    return observed(observation(read.kind === "text" ? noEditHistory(path) : unreadable(path, read, ground.paths)));
  }
  if (edit.created) return yield* removeCreated(path, edit, ground);
  const result = yield* changeFile(path, (text) => planUndo(path, text, edit), ground);
  if (result.kind === "unchanged") return result.outcome;
  const { text, at, inserted } = result.change;
  return observed(observation(undone(path, text, at, inserted.length)), { type: "undo", path });
}

function planUndo(path: string, text: string, { at, removed, inserted }: TextEdit): Planned {
  if (!text.startsWith(inserted, at)) return { ok: false, problem: cannotBeUndone(path) };
  return { ok: true, splice: { start: at, end: at + inserted.length, replacement: removed } };
}

function* removeCreated(path: string, edit: TextEdit, ground: Ground): Program {
  const clientPath = ground.paths.toClient(path);
  const read = yield* readWhole(clientPath, Infinity, ground);
  if (read.kind !== "text") return observed(observation(unreadable(path, read, ground.paths)));
  if (ground.paths.toModel(read.text) !== edit.inserted) return observed(observation(cannotBeUndone(path)));
  const answer = readBashResult(
    (yield { name: "Bash", input: { command: `rm ${quotePath(clientPath)}`, description: `Remove ${path}` } }).result,
  );
  if (answer.kind === "output" && answer.text.trim() === "") return observed(observation(creationUndone(path)), { type: "undo", path });
  return observed(observation(couldNotBeRemoved(path)));
}
