import { answer } from "../../../core/survey/parser/answer.ts";
import { type Grammars, openGrammars } from "../../../core/survey/parser/grammars.ts";

let grammars: Promise<Grammars> | null = null;

/** The functions of one source text, as `name first-last`, in order; names are keys, `#2` included. */
export async function functionsOf(path: string, text: string, options: { skipTests?: boolean } = {}): Promise<string[]> {
  grammars ??= openGrammars();
  const task = {
    kind: "functions",
    path,
    bytes: Buffer.from(text),
    languages: [],
    skipGenerated: false,
    skipTests: options.skipTests ?? true,
  } as const;
  const result = await answer(task, await grammars);
  if (result.kind !== "functions") throw new Error(`skipped: ${JSON.stringify(result)}`);
  return result.functions.map(({ key, startLine, endLine }) => `${key} ${startLine}-${endLine}`);
}
