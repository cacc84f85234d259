import type { Query, Tree } from "web-tree-sitter";
import { languageOfText } from "../detect.ts";
import type { Language } from "../languages/index.ts";
import { decodeText, isBinary, isGenerated } from "../text.ts";
import { bodyLines } from "./body-lines.ts";
import { type PlacedDeclaration, readDeclarations } from "./declarations.ts";
import { firstErrorRow } from "./first-error.ts";
import type { Grammars } from "./grammars.ts";
import type { FunctionsTask, Task, TaskResult } from "./protocol.ts";
import { qualifyFunctions } from "./qualified-names.ts";
import { type Parsed, repairedDeclarations } from "./repair.ts";

/** In a language with macros: beyond this share of the rows, something more than macros went wrong. */
const MACRO_SHARE = 0.25;

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

async function declarationsOf(text: string, language: Language, grammars: Grammars): Promise<readonly PlacedDeclaration[]> {
  const { parser, declarations: query, errors } = await grammars.load(language);
  const parse = (source: string): Parsed => {
    const tree = parser.parse(source);
    if (tree === null) return { declarations: [], errorRows: Infinity };
    try {
      return {
        declarations: readDeclarations(tree, source, language, query),
        errorRows: tree.rootNode.hasError ? countErrorRows(tree, errors) : 0,
      };
    } finally {
      tree.delete();
    }
  };
  const first = parse(text);
  if (!needsRepair(first, text, language)) return first.declarations;
  return repairedDeclarations(text, first, { parse, firstErrorRow: (source) => firstErrorRow(parser, source) });
}

function needsRepair({ errorRows }: Parsed, text: string, language: Language): boolean {
  return language.hasMacros === true ? errorRows > MACRO_SHARE * text.split("\n").length : errorRows > 0;
}

/** Rows under ERROR nodes, at least one: a missing token is an error without a row. */
function countErrorRows(tree: Tree, errors: Query): number {
  let rows = 0;
  let counted = -1;
  for (const { node } of errors.captures(tree.rootNode)) {
    const last = node.endPosition.row;
    rows += Math.max(0, last - Math.max(node.startPosition.row, counted + 1) + 1);
    counted = Math.max(counted, last);
  }
  return Math.max(1, rows);
}
