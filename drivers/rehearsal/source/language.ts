/** What the editor has to know of a language to change a file without breaking it. */
export interface Language {
  readonly name: string;
  /** How functions and bodies are delimited, which decides what edits are possible. */
  readonly family: "python" | "script" | "go" | "braces" | "ruby";
  readonly lineComment: "#" | "//";
  /** One level of indentation where the file does not show it. */
  readonly unit: string;
}

const PYTHON: Language = { name: "python", family: "python", lineComment: "#", unit: "    " };
const SCRIPT: Language = { name: "javascript", family: "script", lineComment: "//", unit: "  " };
const GO: Language = { name: "go", family: "go", lineComment: "//", unit: "\t" };
const BRACES: Language = { name: "braces", family: "braces", lineComment: "//", unit: "    " };
const RUBY: Language = { name: "ruby", family: "ruby", lineComment: "#", unit: "  " };

const BY_EXTENSION: ReadonlyMap<string, Language> = new Map([
  ...["py", "pyi", "pyw"].map((extension) => [extension, PYTHON] as const),
  ...["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"].map((extension) => [extension, SCRIPT] as const),
  ["go", GO],
  ["rb", RUBY],
  ...["java", "rs", "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "cs", "php", "kt", "kts"].map(
    (extension) => [extension, BRACES] as const,
  ),
]);

export const SOURCE_EXTENSIONS: readonly string[] = [...BY_EXTENSION.keys()];

/** Null for a file of another kind. */
export const languageOf = (path: string): Language | null => BY_EXTENSION.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase()) ?? null;
