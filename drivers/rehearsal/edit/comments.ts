import { indentOf } from "../source/outline.ts";
import type { Change, Recipe } from "./change.ts";

/** Says in the body what it relies on. Fits every language. */
export const note: Recipe = (outline, name, variant) => {
  const { bodyStart, indent, language } = outline;
  if (bodyStart === null) return null;
  const lines =
    variant === 0
      ? [`${name} relies on its caller for checked input;`, "whatever is changed here has to keep that in mind."]
      : [`${name} relies on its caller for checked input;`, "see the callers before changing the order below."];
  return [{ kind: "insert", before: bodyStart, lines: lines.map((line) => `${indent}${language.lineComment} ${line}`) }];
};

/** Says above the function what it is for. */
export const docs: Recipe = (outline, name, variant) => {
  const { header, language, view } = outline;
  const line = view.lines[header] ?? "";
  // Above the first line of the view there may be anything; and a name in the middle of an expression has no place above it.
  if (header === 0 || /[,(=\\]\s*$/.test(view.lines[header - 1] ?? "")) return null;
  const text =
    variant === 0
      ? `${name} is called from several places: keep its contract stable.`
      : `Contract of ${name}: arguments are checked, results are complete.`;
  return [{ kind: "insert", before: header, lines: [`${indentOf(line)}${language.lineComment} ${text}`] }];
};

/** What is left when a file offers nothing else: a remark after its last line. */
export function footnote(lastLine: number, comment: "#" | "//", name: string): readonly Change[] {
  return [{ kind: "insert", before: lastLine, lines: [`${comment} Reviewed: ${name} and what it depends on.`] }];
}
