import type { MessagesRequest } from "../../client/request.ts";

/**
 * The words that Claude Code 1.0.128, 2.0.77 and 2.1.329 have in common when they ask for the summary that replaces a conversation,
 * found by letting each of them compact. The older two ask with a system text of their own and the tool `Read` alone; 2.1.329 asks at
 * the end of the conversation as it stands, with all its tools, in a text that may follow results.
 */
const ASKS = /^Your task is to create a detailed summary of /m;
/** What the answer must hold: nobody writes both by chance. */
const FORM = "<summary>";

/** Whether the client asks for the summary of the conversation. The answer must be text: calls are refused there. */
export function isCompaction({ messages }: MessagesRequest): boolean {
  const lastAnswer = messages.findLastIndex((message) => message.role === "assistant");
  return messages
    .slice(lastAnswer + 1)
    .some(
      ({ role, content }) =>
        role === "user" && content.some((block) => block.type === "text" && ASKS.test(block.text) && block.text.includes(FORM)),
    );
}
