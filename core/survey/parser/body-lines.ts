import type { PlacedDeclaration } from "./declarations.ts";
import type { LineRange } from "./protocol.ts";

/** The whole lines inside a function: without its head, and without the line of its closing brace. */
export function bodyLines(declarations: readonly PlacedDeclaration[]): LineRange[] {
  const ranges: LineRange[] = [];
  for (const { body } of declarations) {
    if (body === null) continue;
    const startLine = body.startRow + (body.startsItsLine && !body.endsInBrace ? 1 : 2);
    const endLine = body.endRow + (body.endsInBrace ? 0 : 1);
    if (startLine <= endLine) ranges.push({ startLine, endLine });
  }
  return ranges;
}
