import type { ToolResultBlock } from "../../../client/request.ts";
import { blockText } from "../history/block-text.ts";

const OPEN = "<system-reminder>\n";
const CLOSE = "\n</system-reminder>";

/**
 * What of a result can be read as text, without the reminders that clients before 2.1 put behind it. Those stand at the very end, each
 * behind a blank line, its tags on lines of their own; the same tags anywhere else are what a file or a command holds.
 */
export function resultText(result: ToolResultBlock): string {
  let text = blockText(result);
  for (;;) {
    const body = text.endsWith(`${CLOSE}\n`) ? text.slice(0, -1) : text;
    if (!body.endsWith(CLOSE)) return text;
    const open = body.lastIndexOf(OPEN, body.length - CLOSE.length);
    const isApart = open === 0 || body.slice(0, Math.max(0, open)).endsWith("\n\n");
    if (open === -1 || !isApart || body.indexOf(CLOSE, open) !== body.length - CLOSE.length) return text;
    text = body.slice(0, Math.max(0, open - 2));
  }
}

const ERROR = /^<tool_use_error>([^]*)<\/tool_use_error>$/;

/** An error's words without the tags that some of them stand in. */
export function errorText(result: ToolResultBlock): string {
  const text = resultText(result);
  return ERROR.exec(text)?.[1] ?? text;
}
