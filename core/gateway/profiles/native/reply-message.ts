import { escapeJson } from "../../../agent/reserved-literals.ts";
import { spacedJson } from "../../../agent/spaced-json.ts";
import type { ClientBlock, JsonObject, ThinkingBlock, ToolUseBlock } from "../../client/request.ts";
import { decodeCallId } from "../../state/call-id.ts";
import { decodeSignature } from "../../state/signature.ts";
import type { ChatCall, ChatMessage } from "../../upstream/chat-request.ts";
import { textFor, type Eyes } from "./content.ts";

export type AssistantMessage = Extract<ChatMessage, { readonly role: "assistant" }>;

/** One reply of the model as it stands in the history; `uses` are the client's blocks of its calls, in the same order. */
export interface ReplyMessage {
  readonly message: AssistantMessage;
  readonly uses: readonly ToolUseBlock[];
}

/** Puts a reply together again. Ids count on from `firstCall`. Null for a reply of which nothing is left. */
export function replyMessage(blocks: readonly ClientBlock[], firstCall: number, eyes: Eyes): ReplyMessage | null {
  let content = "";
  const reasoning = { reasoning: "", reasoning_content: "" };
  const uses: ToolUseBlock[] = [];
  let endedInCall = false;
  for (const block of blocks) {
    if (block.type === "tool_use") {
      content += decodeCallId(block.id, block.input)?.before ?? "";
      uses.push(block);
      endedInCall = true;
    } else if (block.type === "text") {
      // Text behind a call cannot stand there in a chat message: it follows the text in front.
      if (endedInCall && content.trim() !== "" && block.text.trim() !== "") content += "\n\n";
      content += textFor(eyes, block.text);
      endedInCall = false;
    } else if (block.type === "thinking") content += putBack(block, reasoning, eyes);
  }
  const calls = uses.map((use, at): ChatCall => chatCall(use, `call_${firstCall + at}`, eyes));
  if (content.trim() === "" && calls.length === 0) return null;
  const message: AssistantMessage = {
    role: "assistant",
    content,
    ...(reasoning.reasoning === "" ? {} : { reasoning: reasoning.reasoning }),
    ...(reasoning.reasoning_content === "" ? {} : { reasoning_content: reasoning.reasoning_content }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return { message, uses };
}

/** A thought in its frame as part of the content, or added to its field. Thoughts of other models and our own reports are left out. */
function putBack(block: ThinkingBlock, fields: { reasoning: string; reasoning_content: string }, eyes: Eyes): string {
  const state = decodeSignature(block.signature);
  if (state?.kind !== "thought") return "";
  const text = textFor(eyes, block.thinking);
  if (state.frame.place === "content") return state.frame.open + text + state.frame.close;
  fields[state.frame.place] += text;
  return "";
}

function chatCall(use: ToolUseBlock, id: string, eyes: Eyes): ChatCall {
  const json = spacedJson(wellFormed(modelInput(use.input)));
  return { id, type: "function", function: { name: use.name, arguments: eyes.escapesReserved ? escapeJson(json) : json } };
}

/**
 * Claude Code puts `replace_all: false` in front of the members of an edit when it takes a call into the history (2.0.77, 2.1.329);
 * models that write it do so behind the others, which the tool's schema names first.
 */
function modelInput(input: JsonObject): JsonObject {
  if (Object.keys(input)[0] !== "replace_all" || input["replace_all"] !== false) return input;
  const { replace_all: _, ...written } = input;
  return written;
}

/** Half a surrogate pair has no UTF-8: a model server that unescapes it fails. */
function wellFormed<V>(value: V): V {
  const json = JSON.stringify(value);
  if (!/\\ud[89a-f]/.test(json)) return value;
  return JSON.parse(json, (_, member: unknown) => (typeof member === "string" ? member.toWellFormed() : member));
}
