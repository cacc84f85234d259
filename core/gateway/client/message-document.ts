import { usageJson } from "./event-stream.ts";
import type { ReplyEnd, ReplySink, ReplyUsage } from "./reply.ts";
import type { JsonObject } from "./request.ts";

/** An answer as one JSON document, for clients that ask without a stream. */
export interface MessageDocument extends ReplySink {
  /** The whole message of the Messages API. */
  end(end: ReplyEnd, usage: ReplyUsage): JsonObject;
}

type Block =
  | { readonly type: "text"; text: string }
  | { readonly type: "thinking"; thinking: string; signature: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; input: string };

/** Collects blocks by the rules of the event stream: the same writes give the same message. */
export function createMessageDocument(message: { readonly id: string; readonly model: string }): MessageDocument {
  const blocks: Block[] = [];
  let open: Block | null = null;
  let blank = "";

  const add = <B extends Block>(block: B): B => {
    blocks.push(block);
    open = block;
    blank = "";
    return block;
  };
  const thinkingBlock = () => (open?.type === "thinking" ? open : add({ type: "thinking", thinking: "", signature: "" }));

  return {
    text(delta) {
      if (open?.type === "text") {
        open.text += delta;
        return;
      }
      const held = blank + delta;
      if (delta.trim() === "") blank = held;
      else add({ type: "text", text: held });
    },
    thinking(delta) {
      if (delta !== "") thinkingBlock().thinking += delta;
    },
    signature(signature) {
      thinkingBlock().signature = signature;
      open = null;
      blank = "";
    },
    toolUse(id, name) {
      add({ type: "tool_use", id, name, input: "" });
    },
    toolInput(partialJson) {
      if (partialJson === "") return;
      if (open?.type !== "tool_use") throw new Error("The input of a call was written while no tool_use block was open.");
      open.input += partialJson;
    },
    end(end, usage) {
      return {
        id: message.id,
        type: "message",
        role: "assistant",
        model: message.model,
        content: blocks.map((block) => (block.type === "tool_use" ? { ...block, input: inputOf(block.input) } : block)),
        stop_reason: end.stopReason,
        stop_sequence: end.stopSequence,
        usage: usageJson(usage),
      };
    },
  };
}

/** Input that is no JSON object, because the answer was cut, stays visible under a name that no tool takes: it is refused, not run. */
function inputOf(json: string): unknown {
  if (json.trim() === "") return {};
  try {
    const input: unknown = JSON.parse(json);
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  } catch {
    // As below.
  }
  return { unparsed_input: json };
}
