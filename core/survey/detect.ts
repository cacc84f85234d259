import { type Language, LANGUAGES, languageNamed } from "./languages/index.ts";

const byExtension = new Map(LANGUAGES.flatMap((language) => language.extensions.map((extension) => [extension, language] as const)));

/** By the file's name alone; null for other files. */
export function languageOfPath(path: string): Language | null {
  const base = path.slice(path.lastIndexOf("/") + 1);
  const dot = base.lastIndexOf(".");
  return dot <= 0 ? null : (byExtension.get(base.slice(dot).toLowerCase()) ?? null);
}

/** An executable file without an extension may be a script: its first line says so. */
export function mayBeScript(path: string, executable: boolean): boolean {
  return executable && !path.slice(path.lastIndexOf("/") + 1).includes(".");
}

/** By name and content: a script's `#!` line, and whether a `.h` file is C or C++. */
export function languageOfText(path: string, text: string): Language | null {
  const language = languageOfPath(path);
  if (language === null) return languageOfScript(text);
  return path.toLowerCase().endsWith(".h") && CPP_ONLY.test(text) ? languageNamed("cpp") : language;
}

// At the beginning of a line, where a C header cannot have it.
const CPP_ONLY =
  /^\s*(class\s+\w|namespace\b|template\s*<|(public|private|protected)\s*:|using\s+\w|virtual\s|constexpr\s|#\s*include\s*<(c?string|vector|memory|iostream|map)>)/m;

function languageOfScript(text: string): Language | null {
  const [, command = ""] = /^#!\s*(.*)/.exec(text) ?? [];
  const words = command.trim().split(/\s+/);
  const program = words.map((word) => word.slice(word.lastIndexOf("/") + 1)).find((word) => word !== "env" && !/^-|=/.test(word)) ?? "";
  const bare = program.replace(/[\d.]+$/, "");
  return LANGUAGES.find((language) => language.interpreters?.some((name) => name === program || name === bare)) ?? null;
}
