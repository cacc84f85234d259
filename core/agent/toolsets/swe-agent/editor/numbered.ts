import { CLIP_MARKER, takeCharacters } from "../../../observation.ts";
import { expandTabs } from "./text-file.ts";

/** Of file text, tabs not yet expanded; the limit of SWE-agent's editor. */
export const MAX_VIEW_CHARACTERS = 16_000;

const CLIP_HINT = `${CLIP_MARKER}<NOTE>Only the beginning is shown. Find the lines that you need with \`grep -n\` and look at them with \`view_range\`.</NOTE>`;

/** `cat -n`: the number right-aligned to 6, a tab, the line. */
export function numberedLine(number: number, line: string): string {
  return `${String(number).padStart(6)}\t${line}`;
}

/** The lines of a text as the model sees them; a text that ends in a line end shows a last, empty line. */
export function numberedLines(shown: string, firstLine = 1): string {
  return expandTabs(clipView(shown))
    .split("\n")
    .map((line, index) => numberedLine(firstLine + index, line))
    .join("\n");
}

export function catView(shown: string, what: string, firstLine = 1): string {
  return `Here's the result of running \`cat -n\` on ${what}:\n${numberedLines(shown, firstLine)}\n`;
}

export function clipView(text: string): string {
  const kept = takeCharacters(text, MAX_VIEW_CHARACTERS);
  return kept.length === text.length ? text : kept + CLIP_HINT;
}
