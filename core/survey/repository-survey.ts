import type { SeracConfig } from "../config/schema.ts";
import { InputError } from "../errors/index.ts";
import { languageOfPath, mayBeScript } from "./detect.ts";
import type { SkippedFile, SourceFunction, SurveySummary } from "./function.ts";
import { LANGUAGES, type Language } from "./languages/index.ts";
import type { TaskResult } from "./parser/protocol.ts";
import { createParserThread, type ParserThread, type ParserThreadOptions } from "./parser/thread.ts";
import type { RepositoryFile, RepositorySource } from "./repository.ts";
import { createSelection, type Selection } from "./selection.ts";
import { isTestPath, isVendoredPath, type SkipReason } from "./skip.ts";

export type SurveyRules = SeracConfig["survey"] & Pick<SeracConfig["repo"], "include" | "exclude">;

export interface SurveyOptions extends ParserThreadOptions {
  readonly signal?: AbortSignal;
  readonly onFunction?: (found: SourceFunction) => void;
  readonly onSkipped?: (skipped: SkippedFile) => void;
}

/** All functions of a repository in a stable order: by path, then by place. Memory grows with the functions; `streamSurvey` keeps none. */
export async function surveyRepository(
  source: RepositorySource,
  rules: SurveyRules,
  options: SurveyOptions = {},
): Promise<{ readonly functions: readonly SourceFunction[]; readonly summary: SurveySummary }> {
  const functions: SourceFunction[] = [];
  const survey = streamSurvey(source, rules, options);
  for (;;) {
    const next = await survey.next();
    if (next.done === true) return { functions, summary: next.value };
    functions.push(next.value);
  }
}

/**
 * Yields the functions one by one and returns the summary. Files of other languages are not mentioned; what is
 * left out of a language of ours, and every symlink and submodule, is in `skipped` with its reason.
 * Throws InputError("config_invalid") for a language that serac does not know.
 */
export async function* streamSurvey(
  source: RepositorySource,
  rules: SurveyRules,
  options: SurveyOptions = {},
): AsyncGenerator<SourceFunction, SurveySummary, void> {
  checkLanguages(rules.languages);
  const selection = createSelection(rules.include, rules.exclude);
  const parser = createParserThread(options);
  const skipped: SkippedFile[] = [];
  let functions = 0;
  let files = 0;
  try {
    for await (const { path, pending } of readAhead(surveyFiles(source, rules, selection, parser))) {
      options.signal?.throwIfAborted();
      const result = await pending;
      if (result.kind === "skipped") {
        const skip = { path, reason: result.reason };
        skipped.push(skip);
        options.onSkipped?.(skip);
      } else if (result.kind === "functions" && result.language !== null) {
        files += 1;
        for (const { key, name, startLine, endLine } of result.functions) {
          functions += 1;
          const found = {
            id: `${path}::${key}`,
            path,
            name,
            language: result.language,
            startLine,
            endLine,
            lines: endLine - startLine + 1,
          };
          options.onFunction?.(found);
          yield found;
        }
      }
    }
    return { functions, files, skipped };
  } finally {
    await parser.close();
  }
}

interface FileTask {
  readonly path: string;
  readonly pending: Promise<TaskResult>;
}

async function* surveyFiles(
  source: RepositorySource,
  rules: SurveyRules,
  selection: Selection,
  parser: ParserThread,
): AsyncGenerator<FileTask> {
  for await (const file of source.files()) {
    const verdict = judge(file, rules, selection);
    if (verdict === "ignore") continue;
    const pending = verdict === "read" ? parse(file, rules, parser) : Promise.resolve<TaskResult>({ kind: "skipped", reason: verdict });
    // Whoever takes the file sees the error; until then it is nobody's.
    pending.catch(() => {});
    yield { path: file.path, pending };
  }
}

async function parse(file: RepositoryFile, rules: SurveyRules, parser: ParserThread): Promise<TaskResult> {
  let bytes: Uint8Array;
  try {
    bytes = await file.read();
  } catch {
    return { kind: "skipped", reason: "unreadable" };
  }
  const { languages, skipGenerated, skipTests } = rules;
  return parser.run({ kind: "functions", path: file.path, bytes, languages, skipGenerated, skipTests });
}

/** By what can be known without reading the file. */
function judge(file: RepositoryFile, rules: SurveyRules, selection: Selection): SkipReason | "read" | "ignore" {
  const { path } = file;
  const against = selection.reasonAgainst(path);
  if (file.kind === "symlink" || file.kind === "submodule") return against ?? file.kind;
  const language = languageOfPath(path);
  // A script shows its language only when it is read; skipping one that was never known to be source is not worth a line.
  if (language === null) {
    const isWanted = against === null && file.kind === "file" && mayBeScript(path, file.executable);
    return isWanted && skipReason(file, null, rules) === null ? "read" : "ignore";
  }
  if (!mayBeChosen(language, rules.languages)) return "ignore";
  return against ?? skipReason(file, language, rules) ?? "read";
}

function skipReason(file: RepositoryFile, language: Language | null, rules: SurveyRules): SkipReason | null {
  if (file.kind === "unreadable") return "unreadable";
  if (rules.skipVendored && isVendoredPath(file.path)) return "vendored";
  if (rules.skipTests && isTestPath(file.path, language)) return "test";
  return file.size > rules.maxFileMb * 1024 * 1024 ? "too large" : null;
}

/** A `.h` file is C or C++ by its content. */
function mayBeChosen(language: Language, chosen: readonly string[]): boolean {
  return chosen.length === 0 || chosen.includes(language.name) || (language.name === "c" && chosen.includes("cpp"));
}

function checkLanguages(names: readonly string[]): void {
  const known = LANGUAGES.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InputError("config_invalid", `survey.languages names "${unknown}", which serac cannot survey`, {
    hint: `Allowed: ${known.join(", ")}.`,
  });
}

/** Has the next file read while the parser works on this one. */
async function* readAhead(tasks: AsyncGenerator<FileTask>): AsyncGenerator<FileTask> {
  let current = await tasks.next();
  while (current.done !== true) {
    const following = tasks.next();
    following.catch(() => {});
    yield current.value;
    current = await following;
  }
}
