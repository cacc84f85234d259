import { unescapeJson } from "../../../../agent/reserved-literals.ts";
import { isJsonObject } from "../../../../agent/json-members.ts";
import { textArgument } from "../../../../agent/toolsets/arguments.ts";
import { BASH, SUBMIT, isEditorCommand, type EditorCommand } from "../../../../agent/toolsets/swe-agent/definitions.ts";
import { workspacePath } from "../../../../agent/toolsets/swe-agent/editor/path.ts";
import { parse } from "../../../../agent/toolsets/swe-agent/parse.ts";
import { SUBMIT_ALONE } from "../../../../agent/toolsets/swe-agent/prompts.ts";
import { spacedJson } from "../../../../agent/spaced-json.ts";
import { observation } from "../../../../agent/observation.ts";
import { repairJson } from "../../../reply/repair-json.ts";
import type { CallState } from "../../../state/state.ts";
import { observed, type Ground, type Outcome, type Program } from "../program.ts";
import { bash } from "./bash.ts";
import { create } from "./create.ts";
import { insert, strReplace } from "./edit.ts";
import { undoEdit } from "./undo-edit.ts";
import { view } from "./view.ts";

/** A call as the model wrote it; `isUnparsed` when `arguments` is what stood between call tags and is no call. */
export type ModelCall = Pick<CallState, "name" | "arguments" | "isUnparsed">;

/** What the client does for a call of the model. A call that cannot be acted on ends at once, without any client call. */
export function programOf(call: ModelCall, ground: Ground, escapesReserved: boolean): Program {
  const toolCalls = call.isUnparsed ? [] : [{ id: "", name: call.name, arguments: readableArguments(call, escapesReserved) }];
  const parsed = parse({ role: "assistant", content: "", reasoning: null, toolCalls });
  if (parsed.kind === "requery") return endAt({ kind: "requery", text: parsed.text });
  const [read] = parsed.calls;
  if (read === undefined) throw new TypeError("parse gives one call or a reason.");
  const { name, arguments: given } = read;
  if (name === SUBMIT.name) return endAt(observed(observation(SUBMIT_ALONE)));
  if (name === BASH.name) return bash(textArgument(given, "command"), ground);
  const { command } = given;
  if (!isEditorCommand(command)) throw new TypeError("parse lets no other tool through.");
  return editor(command, given, ground);
}

function editor(command: EditorCommand, given: Readonly<Record<string, unknown>>, ground: Ground): Program {
  const located = workspacePath(textArgument(given, "path"));
  if (!located.ok) return endAt(observed(observation(located.problem)));
  const { path } = located;
  const text = (name: string) => textArgument(given, name).toWellFormed();
  switch (command) {
    case "view":
      return view(path, textArgument(given, "path"), given["view_range"], ground);
    case "create":
      return create(path, text("file_text"), ground);
    case "str_replace":
      return strReplace(path, text("old_str"), text("new_str"), ground);
    case "insert":
      return insert(path, given["insert_line"], text("new_str"), ground);
    default:
      return undoEdit(path, ground);
  }
}

// oxlint-disable-next-line require-yield -- a program that needs no client call
function* endAt(outcome: Outcome): Program {
  return outcome;
}

function readableArguments({ arguments: written }: ModelCall, escapesReserved: boolean): string {
  const text = escapesReserved ? unescapeJson(written) : written;
  return repairJson(text) ?? text;
}

/** The arguments as a server takes them back: the model's own text wherever it is, or can be made, a JSON object. Null when it cannot. */
export function sendableArguments({ arguments: written, isUnparsed }: ModelCall): string | null {
  if (isUnparsed) return null;
  if (isJsonObject(written)) return wellFormed(written);
  if (written.trim() === "") return "{}";
  const repaired = repairJson(written);
  return repaired === null ? null : wellFormed(repaired);
}

/** The same text unless a string in it holds half a surrogate pair, which no tokenizer takes. */
function wellFormed(json: string): string {
  let isChanged = !json.isWellFormed();
  const value: unknown = JSON.parse(json, (_key, member: unknown) => {
    if (typeof member !== "string" || member.isWellFormed()) return member;
    isChanged = true;
    return member.toWellFormed();
  });
  return isChanged ? spacedJson(value) : json;
}
