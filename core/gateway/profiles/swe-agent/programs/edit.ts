import { planInsert } from "../../../../agent/toolsets/swe-agent/editor/insert.ts";
import { planReplace } from "../../../../agent/toolsets/swe-agent/editor/str-replace.ts";
import type { Ground, Program } from "../program.ts";
import { changed, changeFile } from "./change-file.ts";

export function* strReplace(path: string, oldText: string, newText: string, ground: Ground): Program {
  const result = yield* changeFile(path, (text) => planReplace({ text }, path, oldText, newText), ground);
  return result.kind === "unchanged" ? result.outcome : changed(path, result.change, result.change.inserted.length);
}

export function* insert(path: string, afterLine: unknown, newText: string, ground: Ground): Program {
  const result = yield* changeFile(path, (text) => planInsert({ text }, afterLine, newText), ground);
  if (result.kind === "unchanged") return result.outcome;
  // Lines that were added end with their own line end, which the snippet must not count as one more line.
  return changed(path, result.change, result.change.inserted.replace(/\n$/, "").length);
}
