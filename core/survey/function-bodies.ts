import { languageOfPath, mayBeScript } from "./detect.ts";
import type { LineRange } from "./parser/protocol.ts";
import { createParserThread, type ParserThread } from "./parser/thread.ts";

let shared: ParserThread | null = null;

/**
 * Lines inside the functions of a source text, 1-based and inclusive, in the order of the text: without the heads, and without
 * the lines of closing braces; nested functions too. Null where the language is not one that serac surveys, or the parser gives up.
 */
export async function functionBodies(path: string, text: string): Promise<readonly LineRange[] | null> {
  if (languageOfPath(path) === null && !mayBeScript(path, text.startsWith("#!"))) return null;
  shared ??= createParserThread({ limitMs: 10_000 });
  const result = await shared.run({ kind: "bodies", path, text });
  return result.kind === "bodies" ? result.bodies : null;
}
