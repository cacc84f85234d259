import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Language } from "../../../drivers/rehearsal/source/language.ts";
import { languageOf } from "../../../drivers/rehearsal/source/language.ts";
import { isDefinition } from "../../../drivers/rehearsal/source/find.ts";

export interface CorpusFunction {
  readonly file: string;
  readonly lines: readonly string[];
  /** Index of the line with the name. */
  readonly at: number;
  readonly name: string;
  readonly language: Language;
}

const DEFINED: Readonly<Record<string, RegExp>> = {
  python: /^\s*(?:async\s+)?def\s+(\w+)/,
  go: /^func\s+(?:\([^)]*\)\s*)?(\w+)/,
  script:
    /^\s*(?:(?:export|default|async|static|private|public|protected|get|set|readonly|const)\s+|function\s*\*?\s*)*([A-Za-z_$][\w$]*)\s*[(=:<]/,
};
const SKIPPED = /^(?:test|tests|testdata|site-packages|node_modules|idle_test|lib2to3)$/;
const MAX_LINES = 4000;
const PER_FILE = 3;

/** Real code that every checkout of this project has at hand: the languages' own libraries and this project. */
export const CORPORA: Readonly<
  Record<"python" | "go" | "typescript" | "javascript", () => { readonly root: string; readonly extension: string; readonly files: number }>
> = {
  python: () => ({ root: said("python3", ["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"]), extension: ".py", files: 60 }),
  go: () => ({ root: join(said("go", ["env", "GOROOT"]), "src"), extension: ".go", files: 80 }),
  typescript: () => ({ root: new URL("../../../core", import.meta.url).pathname, extension: ".ts", files: 120 }),
  javascript: () => ({ root: new URL("../../../node_modules/hono/dist", import.meta.url).pathname, extension: ".js", files: 60 }),
};

const said = (program: string, args: readonly string[]): string => execFileSync(program, args, { encoding: "utf8" }).trim();

/** A few functions of every n-th file, the same ones every time. */
export function* corpusFunctions({
  root,
  extension,
  files,
}: {
  readonly root: string;
  readonly extension: string;
  readonly files: number;
}): Generator<CorpusFunction> {
  const all = [...walk(root)].filter((file) => file.endsWith(extension) && !/_test\.go$|\.d\.ts$|\.min\./.test(file));
  const step = Math.max(1, Math.floor(all.length / files));
  for (let index = 0; index < all.length; index += step) {
    const file = all[index] ?? "";
    const text = readFileSync(file, "utf8");
    const lines = text.split("\n");
    const language = languageOf(file);
    if (language === null || text.includes("\ufffd") || lines.length > MAX_LINES) continue;
    const found = lines.flatMap((line, at) => {
      const name = DEFINED[language.family]?.exec(line)?.[1];
      return name !== undefined && isDefinition(line, name, language) ? [{ file, lines, at, name, language }] : [];
    });
    const each = Math.max(1, Math.ceil(found.length / PER_FILE));
    yield* found.filter((_, position) => position % each === 0);
  }
}

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.isDirectory()) {
      if (!SKIPPED.test(entry.name)) yield* walk(join(folder, entry.name));
    } else if (entry.isFile()) yield join(folder, entry.name);
  }
}
