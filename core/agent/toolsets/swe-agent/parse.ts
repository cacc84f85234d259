import type { AssistantMessage } from "../../messages.ts";
import type { Parsed } from "../../toolset.ts";
import { readArguments, textArgument } from "../arguments.ts";
import { blockedReason } from "./blocked.ts";
import { BASH, EDITOR, isEditorCommand, TOOLS, type EditorCommand } from "./definitions.ts";

const RULE = `Every reply must hold exactly one call of one of these tools: ${TOOLS.map((tool) => tool.name).join(", ")}.`;

/** What an editor command cannot do without, beyond what the definition can say. */
const NEEDED: Readonly<Record<EditorCommand, readonly string[]>> = {
  view: [],
  create: ["file_text"],
  str_replace: ["old_str"],
  insert: ["insert_line", "new_str"],
  undo_edit: [],
};

/** Exactly one well-formed call, or what was wrong with the reply. */
export function parse(reply: AssistantMessage): Parsed {
  const [call, ...others] = reply.toolCalls;
  if (call === undefined) return requery("Your last reply held no tool call.");
  if (others.length > 0) return requery(`Your last reply held ${reply.toolCalls.length} tool calls. None of them was run.`);

  const definition = TOOLS.find((tool) => tool.name === call.name);
  if (definition === undefined) return requery(`There is no tool named \`${call.name}\`.`);

  const read = readArguments(call, definition);
  if (!read.ok) return requery(`${read.problem} Nothing was run.`);

  const { command } = read.value;
  if (isEditorCommand(command) && definition === EDITOR) {
    const missing = NEEDED[command].filter((name) => !Object.hasOwn(read.value, name));
    if (missing.length > 0) {
      return requery(`The command \`${command}\` of ${EDITOR.name} needs the argument ${missing.map((name) => `\`${name}\``).join(", ")}.`);
    }
  }
  if (definition === BASH) {
    const script = textArgument(read.value, "command");
    if (script.trim() === "") return requery("The command is empty.");
    const blocked = blockedReason(script);
    if (blocked !== null) return requery(blocked);
  }
  return { kind: "calls", calls: [{ toolCallId: call.id, name: call.name, arguments: read.value }] };
}

function requery(problem: string): Parsed {
  return { kind: "requery", text: `${problem} ${RULE}` };
}
