import type { MessagesRequest } from "../client/request.ts";

/**
 * The line in which Claude Code names its working directory: `Working directory: X` in the system prompt (seen in 1.0.128 and 2.0.77),
 * ` - Primary working directory: X` in a `system` message (2.1.329).
 */
const LINE = /^(?: ?- )?(?:Primary w|W)orking directory: (\/.*?)\r?$/m;

const REMINDER = "<system-reminder>";

/**
 * Where the client works, as an absolute path; null when its prompts do not say. The first mention counts, so that the answer stays the
 * same while a conversation grows. Texts of people are not read: whatever they quote is no prompt of the client.
 */
export function workingDirectory(request: MessagesRequest): string | null {
  for (const text of prompts(request)) {
    const found = LINE.exec(text);
    if (found !== null) return found[1]!;
  }
  return null;
}

function* prompts({ system, messages }: MessagesRequest): Generator<string> {
  yield* system;
  for (const { role, content } of messages) {
    if (role === "assistant") continue;
    for (const block of content) {
      if (block.type === "text" && (role === "system" || block.text.startsWith(REMINDER))) yield block.text;
    }
  }
}
