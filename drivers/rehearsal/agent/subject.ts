import { languageOf, SOURCE_EXTENSIONS } from "../source/language.ts";

/** The function that a text is about. */
export interface Subject {
  readonly path: string;
  readonly name: string;
}

interface Mention {
  readonly text: string;
  readonly at: number;
  readonly weight: number;
}

const EXTENSIONS = SOURCE_EXTENSIONS.join("|");
const QUOTED = /[`"'“‘]([^`"'“”‘’\n]{1,300})[`"'”’]/g;
const BARE_PATH = new RegExp(String.raw`(?<![\w/.-])((?:/testbed/|\./)?(?:[\w.@+-]+/)*[\w.@+-]+\.(?:${EXTENSIONS}))(?![\w/])`, "gi");
const SURVEY_ID = new RegExp(String.raw`([^\s\`"'“‘(]+\.(?:${EXTENSIONS}))::([^\s\`"'”’),;]+)`, "i");
const FUNCTION_WORDS = /\b(?:function|method|routine|procedure|constructor|definition|callable|def|func|fn)s?\b/gi;
const BARE_NAME =
  /\b(?:function|method|routine|constructor)s?\s+(?:called\s+|named\s+)?([A-Za-z_$][\w$]*(?:(?:\.|::|#)[A-Za-z_$][\w$]*)*)/g;
const NAME = /^[A-Za-z_$#~][\w$~]*(?:(?:\.|::|#)[\w$~<>#]+)*(?:\(\))?$/;
/** What looks like a qualified name and is a file of another kind. */
const OTHER_FILE = /\.(?:md|rst|txt|json|ya?ml|toml|cfg|ini|lock|html?|css|xml|sh|csv|sql)$/i;
/** Words after "function" that are no names. */
const FILLERS = new Set([
  "in",
  "is",
  "that",
  "which",
  "and",
  "or",
  "of",
  "to",
  "at",
  "from",
  "does",
  "has",
  "with",
  "for",
  "the",
  "a",
  "call",
  "calls",
  "body",
  "name",
]);

/** Path and name of the function that a prompt or a pull request is about, in whatever words; null when it names none. */
export function subjectOf(text: string): Subject | null {
  const id = SURVEY_ID.exec(text);
  if (id?.[1] !== undefined && id[2] !== undefined) return { path: relative(id[1]), name: trimmed(id[2]) };

  const words = [...text.matchAll(FUNCTION_WORDS)].map((match) => match.index);
  const paths = pathsIn(text);
  const names = namesIn(text, paths, words);
  let best: { subject: Subject; weight: number } | null = null;
  for (const path of paths) {
    for (const name of names) {
      // `One.go` may be a method or a file; it cannot be both.
      if (path.text === name.text) continue;
      const weight = path.weight + name.weight - Math.abs(path.at - name.at) / 100;
      if (best === null || weight > best.weight) best = { subject: { path: path.text, name: name.text }, weight };
    }
  }
  return best?.subject ?? null;
}

function pathsIn(text: string): readonly Mention[] {
  const found: Mention[] = [];
  for (const match of text.matchAll(QUOTED)) {
    const quoted = match[1] ?? "";
    if (languageOf(quoted) !== null && quoted.includes(".") && !/[<>|;$*?]|^-|\s-/.test(quoted))
      found.push({ text: relative(quoted), at: match.index, weight: quoted.includes("/") ? 1.5 : 1 });
  }
  for (const match of text.matchAll(BARE_PATH)) found.push({ text: relative(match[1] ?? ""), at: match.index, weight: 0 });
  return found.filter(({ text: path }) => path !== "" && !path.split("/").includes(".."));
}

function namesIn(text: string, paths: readonly Mention[], words: readonly number[]): readonly Mention[] {
  const found: Mention[] = [];
  const isPath = (name: string): boolean =>
    name.includes("/") || OTHER_FILE.test(name) || paths.some((path) => path.text.endsWith(`/${name}`));
  const nearness = (at: number): number => Math.max(0, 3 - Math.min(...words.map((word) => Math.abs(word - at))) / 10);
  for (const match of text.matchAll(QUOTED)) {
    const name = trimmed(match[1] ?? "");
    if (NAME.test(name) && !isPath(name)) found.push({ text: name, at: match.index, weight: 1 + nearness(match.index) });
  }
  for (const match of text.matchAll(BARE_NAME)) {
    const name = trimmed(match[1] ?? "");
    if (!FILLERS.has(name.toLowerCase()) && !isPath(name)) found.push({ text: name, at: match.index, weight: 2 });
  }
  return found;
}

const relative = (path: string): string => path.replace(/^\/testbed\/+/, "").replace(/^(?:\.?\/)+/, "");

const trimmed = (name: string): string => name.replace(/[.:]+$/, "").replace(/\(\)$/, "");
