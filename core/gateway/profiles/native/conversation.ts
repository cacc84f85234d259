import type { ClientBlock, ClientMessage, MessagesRequest, ToolResultBlock, ToolUseBlock } from "../../client/request.ts";
import type { ChatMessage, ChatPart, ChatRequest } from "../../upstream/chat-request.ts";
import { joinParts, NO_RESULT, resultContent, textFor, userPart, type Eyes } from "./content.ts";
import { replyMessage } from "./reply-message.ts";

type Conversation = Pick<ChatRequest, "messages" | "continue_final_message" | "add_generation_prompt">;

/** Chat templates want a user's words first; a conversation that was cut may begin with an answer. */
const CUT = "(The beginning of the conversation is not shown.)";
const NO_WORDS = "(empty message)";

/**
 * The messages of a request in the form that chat templates take: one system message, then user and assistant in turns, results
 * directly behind their calls and in the order of the calls. What the client adds at the end of a conversation is added at the end
 * here. `system` messages in the midst become words of the user, in their place: most templates refuse them there.
 *
 * A conversation that ends with words of the assistant asks to go on with them; vLLM does so when told.
 */
export function conversation(request: MessagesRequest, eyes: Eyes): Conversation {
  const messages: ChatMessage[] = [];
  const system = request.system.filter((text) => text.trim() !== "").join("\n\n");
  let uses: readonly ToolUseBlock[] = [];
  let calls = 0;
  let heard: ClientBlock[] = [];
  for (const { isReply, blocks } of turnsOf(request.messages)) {
    const reply = isReply ? replyMessage(blocks, calls, eyes) : null;
    if (!isReply) heard.push(...blocks);
    if (reply === null) continue;
    messages.push(...userMessages(heard, uses, calls - uses.length, eyes));
    if (messages.length === 0) messages.push({ role: "user", content: CUT });
    messages.push(reply.message);
    ({ uses } = reply);
    calls += uses.length;
    heard = [];
  }
  messages.push(...userMessages(heard, uses, calls - uses.length, eyes));
  if (messages.length === 0) messages.push({ role: "user", content: NO_WORDS });
  if (system !== "") messages.unshift({ role: "system", content: textFor(eyes, system) });
  return messages.at(-1)?.role === "assistant" ? { messages, continue_final_message: true, add_generation_prompt: false } : { messages };
}

interface Turn {
  readonly isReply: boolean;
  readonly blocks: ClientBlock[];
}

/** Messages of one side that follow each other are one turn. A message always leaves a block, though it may say nothing. */
function turnsOf(messages: readonly ClientMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (const { role, content } of messages) {
    const isReply = role === "assistant";
    const blocks = content.length === 0 ? [{ type: "text", text: "" } as const] : content;
    const last = turns.at(-1);
    if (last?.isReply !== isReply) turns.push({ isReply, blocks: [...blocks] });
    else {
      if (isReply && last.blocks.at(-1)?.type === "text" && blocks[0]?.type === "text") last.blocks.push({ type: "text", text: "\n\n" });
      last.blocks.push(...blocks);
    }
  }
  return turns;
}

/** What came between two replies: results of the calls of the first, then everything else. */
function userMessages(blocks: readonly ClientBlock[], uses: readonly ToolUseBlock[], firstCall: number, eyes: Eyes): ChatMessage[] {
  const results = blocks.filter((block) => block.type === "tool_result");
  const taken = new Set<ToolResultBlock>();
  const messages: ChatMessage[] = [];
  const parts: ChatPart[] = [];
  uses.forEach((use, at) => {
    const result = results.find((candidate) => candidate.toolUseId === use.id && !taken.has(candidate));
    if (result !== undefined) taken.add(result);
    const { text, images } = result === undefined ? { text: NO_RESULT, images: [] } : resultContent(result, eyes);
    messages.push({ role: "tool", tool_call_id: `call_${firstCall + at}`, content: text });
    if (images.length > 0) parts.push({ type: "text", text: `What ${use.name} returned:` }, ...images);
  });
  for (const block of blocks) {
    if (block.type === "tool_result") {
      if (!taken.has(block)) parts.push(...strayResult(block, eyes));
      continue;
    }
    const part = userPart(block, eyes);
    if (part !== null) parts.push(part);
  }
  if (parts.length > 0) messages.push({ role: "user", content: joinParts(parts) });
  else if (blocks.length > 0 && uses.length === 0) messages.push({ role: "user", content: NO_WORDS });
  return messages;
}

/** A result whose call is not in the conversation, or has another result: templates have no place for it but a user's words. */
function strayResult(result: ToolResultBlock, eyes: Eyes): ChatPart[] {
  const { text, images } = resultContent(result, eyes);
  return [{ type: "text", text: `The result of a call that is not shown:\n${text}` }, ...images];
}
