import type { Outline } from "../source/outline.ts";
import { maskedAt } from "../source/outline.ts";

export interface BodyLine {
  readonly index: number;
  readonly text: string;
  readonly mask: string;
}

/** Lines of the body that begin a statement of their own: outside of strings, comments and open parentheses. */
export function* bodyLines(outline: Outline): Generator<BodyLine> {
  for (let index = outline.bodyStart ?? outline.bodyEnd; index < outline.bodyEnd; index += 1) {
    const line = maskedAt(outline, index);
    if (line === undefined || line.isInside || line.nesting > 0 || line.text.trimEnd().endsWith("\\")) continue;
    yield { index, text: line.text, mask: line.mask };
  }
}
