import { findFunction, isDefinition, isPlainName, outerName, simpleName } from "../source/find.ts";
import type { Language } from "../source/language.ts";
import type { Outline } from "../source/outline.ts";
import type { Scene } from "./action.ts";
import type { Belt } from "./belt.ts";
import { quoted } from "./belt.ts";
import type { FoundLine } from "./observe.ts";
import { foundLines, lineCount, numberedLines, restoreTabs } from "./observe.ts";

/** Lines shown before and after the first line of a function. Fixed, so that both rollouts see the same window. */
const BEFORE = 4;
const AFTER = 70;

export interface Place {
  readonly path: string;
  readonly name: string;
  readonly language: Language;
}

export interface Located {
  /** Null when the function is not there, or not in a form that can be edited. */
  readonly outline: Outline | null;
  /** Null when there is no such file. */
  readonly lastLine: number | null;
}

/** Finds the function with grep and looks at it. */
export function* locate(belt: Belt, { path, name, language }: Place): Scene<Located> {
  const simple = simpleName(name);
  const pattern = isPlainName(simple) ? grepPattern(simple, outerName(name), language) : "^";
  const found = yield {
    ...belt.shell(`grep -nE -A2 ${quoted(pattern)} ${quoted(path)} | head -150; wc -l < ${quoted(path)}`),
    say: `Where is ${simple} defined?`,
    think: `I need the exact place of ${name} in ${path}, and how long the file is.`,
  };
  const lines = foundLines(found);
  const lastLine = lineCount(found);
  if (!isPlainName(simple) || lastLine === null) return { outline: null, lastLine };
  for (const header of headers(lines, simple, outerName(name), language).slice(0, 2)) {
    const shown = yield {
      ...belt.view(path, Math.max(1, header - BEFORE), Math.min(Math.max(lastLine, header), header + AFTER)),
      say: `Let me read ${simple} closely.`,
      think: `The definition begins at line ${header}. I read it with a little around it.`,
    };
    const view = numberedLines(shown);
    if (view === null) continue;
    const restored = belt.toolset === "swe-agent" ? restoreTabs(view, lines, language) : view;
    const outline = findFunction(restored, simple, language, Math.max(0, header - view.firstLine));
    if (outline !== null) return { outline, lastLine };
  }
  return { outline: null, lastLine };
}

function grepPattern(name: string, outer: string | null, language: Language): string {
  const n = name.replaceAll("$", String.raw`\$`);
  const own = language.family === "python" || language.family === "ruby" ? `def +(self\\.)?${n}\\b` : `(^|[^A-Za-z0-9_$.])${n} *[=:<([?]`;
  return outer === null || !isPlainName(outer)
    ? own
    : `${own}|(class|struct|impl|interface|trait|object|module|namespace|type|enum|const) .*${outer.replaceAll("$", String.raw`\$`)}`;
}

/** Line numbers of the likely definitions, the likeliest first: those after the outer one begins. */
function headers(lines: readonly FoundLine[], name: string, outer: string | null, language: Language): readonly number[] {
  const definitions = lines.filter(({ text }) => isDefinition(text, name, language)).map(({ number }) => number);
  if (outer === null) return definitions;
  const isOuter = new RegExp(
    String.raw`\b(?:class|struct|impl|interface|trait|object|module|namespace|type|enum|const)\b.*(?<![\w$])${outer.replace(/[^\w]/g, String.raw`\$&`)}(?![\w$])`,
  );
  const start = lines.find(({ text, isHit }) => isHit && isOuter.test(text))?.number ?? 0;
  return [...definitions.filter((number) => number >= start), ...definitions.filter((number) => number < start)];
}
