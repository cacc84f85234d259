import { languageOfText } from "../detect.ts";
import type { Language } from "../languages/index.ts";
import { decodeText, isBinary, isGenerated } from "../text.ts";
import { bodyLines } from "./body-lines.ts";
import { type PlacedDeclaration, readDeclarations } from "./declarations.ts";
import type { Grammars } from "./grammars.ts";
import type { FunctionsTask, Task, TaskResult } from "./protocol.ts";
import { qualifyFunctions } from "./qualified-names.ts";

/** Throws what WebAssembly throws when a parser breaks; the grammars must not be used again then. */
export async function answer(task: Task, grammars: Grammars): Promise<TaskResult> {
  if (task.kind === "functions") return findFunctions(task, grammars);
  const language = languageOfText(task.path, task.text);
  if (language === null) return { kind: "bodies", bodies: null };
  return { kind: "bodies", bodies: bodyLines(await declarationsOf(task.text, language, grammars)) };
}

async function findFunctions(task: FunctionsTask, grammars: Grammars): Promise<TaskResult> {
  if (isBinary(task.bytes)) return { kind: "skipped", reason: "binary" };
  const text = decodeText(task.bytes);
  const language = languageOfText(task.path, text);
  if (language === null || (task.languages.length > 0 && !task.languages.includes(language.name))) {
    return { kind: "functions", language: null, functions: [] };
  }
  if (task.skipGenerated && isGenerated(text)) return { kind: "skipped", reason: "generated" };
  const declarations = await declarationsOf(text, language, grammars);
  return { kind: "functions", language: language.name, functions: qualifyFunctions(declarations, task) };
}

async function declarationsOf(text: string, language: Language, grammars: Grammars): Promise<PlacedDeclaration[]> {
  const { parser, declarations } = await grammars.load(language);
  const tree = parser.parse(text);
  if (tree === null) return [];
  try {
    return readDeclarations(tree, text, language, declarations);
  } finally {
    tree.delete();
  }
}
