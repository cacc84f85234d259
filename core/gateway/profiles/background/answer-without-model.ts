import { isReminder } from "../../client/reminders.ts";
import type { MessagesRequest } from "../../client/request.ts";
import type { Plan } from "../profile.ts";

/**
 * Claude Code 2.0.77 starts the sub-agents of a session with this one word each, with all their tools: it fills a cache that no model
 * behind the gateway has, and the answer is shown to nobody.
 */
const WARMUP = "Warmup";

/** All generations ask this with max_tokens 1, no system text and no tools, to read limits from the answer's headers. */
const QUOTA = "quota";

const NO_WEB =
  "Web search is not available: the model of this session is served without it, and no search was made. Go on without it: use what the repository, its dependencies and their documentation on this machine say, or ask the user for the information.";

/** The gateway's own answer to a request that needs no model; null for all others. */
export function answerWithoutModel(request: MessagesRequest): Plan | null {
  if (wordsOf(request) === WARMUP) return say("Ready.");
  if (request.tools.length > 0 && request.tools.every((tool) => isWebTool(tool.serverType))) return say(NO_WEB);
  if (isQuotaProbe(request)) return say("ok");
  return null;
}

function isQuotaProbe(request: MessagesRequest): boolean {
  return request.maxTokens === 1 && request.tools.length === 0 && request.system.length === 0 && wordsOf(request) === QUOTA;
}

const isWebTool = (serverType: string | null): boolean => serverType !== null && /^web_(?:search|fetch)/.test(serverType);

/** What the person says, where nobody has answered yet and nothing else was sent; null otherwise. */
function wordsOf({ messages }: MessagesRequest): string | null {
  const words: string[] = [];
  for (const { role, content } of messages) {
    if (role === "assistant") return null;
    if (role === "system") continue;
    for (const block of content) {
      if (block.type !== "text") return null;
      if (!isReminder(block.text)) words.push(block.text);
    }
  }
  return words.length === 1 ? words[0]!.trim() : null;
}

const say = (text: string): Plan => ({
  kind: "answer",
  reply: () => ({ blocks: [{ type: "text", text }], stopReason: "end_turn" }),
});
