import { catView } from "./numbered.ts";
import { shownText } from "./text-file.ts";

/** Lines shown before and after a change. */
const CONTEXT_LINES = 4;

/** The surroundings of a change that begins at `at` (UTF-16 offset in `text`) and is `length` long. */
export function snippet(text: string, at: number, length: number, path: string): string {
  const firstChanged = lineOf(text, at);
  const lastChanged = lineOf(text, at + length);
  const lines = shownText(text).split("\n");
  const first = Math.max(0, firstChanged - CONTEXT_LINES);
  const shown = lines.slice(first, lastChanged + CONTEXT_LINES + 1).join("\n");
  return catView(shown, `a snippet of ${path}`, first + 1);
}

export const REVIEW_REQUEST = "Review the change and make sure that it is what you meant. Edit the file again if it is not.";

/** From 0. */
function lineOf(text: string, offset: number): number {
  let line = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
