import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";

import { Language, Parser, Query } from "web-tree-sitter";

export const ROOT = join(import.meta.dirname, "../../..");

export interface Import {
  readonly line: number;
  /** As written: `../errors/index.ts`, `node:net`, `zod`. */
  readonly specifier: string;
  /** From the root of the project; null for packages and built-in modules. */
  readonly target: string | null;
}

/** Every TypeScript file of the project by its path, with what it imports: statically, dynamically, as types, or by re-export. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

const ROOMS = ["batch-images", "bench", "bin", "cli", "console", "core", "drivers", "lambdas", "lib", "scripts", "test"];

export async function readImports(): Promise<ImportGraph> {
  const importsIn = await importParser();
  const paths = [...ROOMS.flatMap((room) => sourcesBelow(room)), ...entries(".").filter((path) => path.endsWith(".ts"))];
  return new Map(paths.map((path) => [path, importsIn(path, readFileSync(join(ROOT, path), "utf8"))]));
}

function entries(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [posix.join(folder, entry.name)] : [],
  );
}

/** test/examples holds the example repository, which is data and not part of the house. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, "."), { withFileTypes: true }).some((entry) => entry.name === folder) ? walk(folder) : [];
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "dist" || path === "test/examples" ? [] : walk(path);
    return /\.[cm]?tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** Parses rather than searches: an import in a comment or in a template string is none. */
export async function importParser(): Promise<(path: string, text: string) => Import[]> {
  const require = createRequire(import.meta.url);
  await Parser.init({ locateFile: () => require.resolve("web-tree-sitter/web-tree-sitter.wasm") });
  const grammars = new Map<string, { parser: Parser; query: Query }>();
  for (const name of ["typescript", "tsx"]) {
    const language = await Language.load(require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`));
    grammars.set(name, { parser: new Parser().setLanguage(language), query: new Query(language, IMPORTS) });
  }
  return (path, text) => {
    const { parser, query } = grammars.get(path.endsWith("x") ? "tsx" : "typescript")!;
    const tree = parser.parse(text);
    if (tree === null) throw new Error(`${path} could not be parsed.`);
    const found = query.captures(tree.rootNode).map(({ node }) => imported(path, node.text, node.startPosition.row + 1));
    tree.delete();
    return found;
  };
}

const IMPORTS = `
  (import_statement source: (string (string_fragment) @specifier))
  (export_statement source: (string (string_fragment) @specifier))
  (call_expression function: (import) arguments: (arguments . (string (string_fragment) @specifier)))
  (import_require_clause source: (string (string_fragment) @specifier))
`;

function imported(from: string, specifier: string, line: number): Import {
  const isRelative = specifier.startsWith("./") || specifier.startsWith("../");
  return { line, specifier, target: isRelative ? posix.join(posix.dirname(from), specifier) : null };
}
