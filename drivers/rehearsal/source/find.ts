import { outlineBraces } from "./braces.ts";
import type { Language } from "./language.ts";
import type { Outline, SourceView } from "./outline.ts";
import { indentOf } from "./outline.ts";
import { outlinePython } from "./python.ts";

/** Qualified name -> the last part, without the mark of a redefinition: `Outer.inner#2` -> `inner`. */
export const simpleName = (name: string): string =>
  name
    .replace(/#\d+$/, "")
    .replace(/\(\)$/, "")
    .split(/\.|::|#/)
    .at(-1) ?? name;

/** The part before the last: `a.Outer.inner` -> `Outer`; null for a plain name. */
export const outerName = (name: string): string | null =>
  name
    .replace(/#\d+$/, "")
    .split(/\.|::|#/)
    .at(-2) ?? null;

/** What looks like a definition, `switch (x) {`, and is none. */
const CONTROL = new Set(["if", "for", "foreach", "while", "switch", "match", "catch", "with", "return", "using", "lock", "synchronized"]);

/** A name that a definition can be searched by. */
export const isPlainName = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name) && !CONTROL.has(name);

/** Does the line look like the definition of `name`? */
export function isDefinition(line: string, name: string, language: Language): boolean {
  if (!isPlainName(name)) return false;
  const n = name.replaceAll("$", String.raw`\$`);
  switch (language.family) {
    case "python":
      return new RegExp(String.raw`^\s*(?:async\s+)?def\s+${n}\s*[(\[]`).test(line);
    case "ruby":
      return new RegExp(String.raw`^\s*(?:private\s+|protected\s+)?def\s+(?:self\.)?${n}(?![\w=])`).test(line);
    case "go":
      return new RegExp(String.raw`^func\s+(?:\([^)]*\)\s*)?${n}\s*[\[(]`).test(line);
    case "script":
      return (
        new RegExp(String.raw`\bfunction\s*\*?\s*${n}\s*[<(]`).test(line) ||
        new RegExp(
          String.raw`^\s*(?:(?:export|default|const|let|var|public|private|protected|static|readonly|override|async|get|set)\s+)*[*#]?${n}\s*[?!]?(?:[<(]|(?::[^=]+)?[:=]\s*(?:async\s*)?(?:function\b|\(|<))`,
        ).test(line)
      );
    default:
      return (
        new RegExp(String.raw`(?<![\w$.])${n}\s*[<(]`).test(line) &&
        /^[\s\w:<>[\],&*~@?]*$/.test(line.slice(0, line.search(new RegExp(String.raw`(?<![\w$.])${n}\s*[<(]`)))) &&
        !/^\s*(?:return|new|throw|else|await|case|import|use|using|package)\b/.test(line)
      );
  }
}

/** The outline of the first definition of `name` at or after line index `from`, or null. */
export function findFunction(view: SourceView, name: string, language: Language, from = 0): Outline | null {
  for (let index = from; index < view.lines.length; index += 1) {
    if (!isDefinition(view.lines[index] ?? "", name, language)) continue;
    const outline = outlineAt(view, index, name, language);
    if (outline !== null) return outline;
  }
  return null;
}

function outlineAt(view: SourceView, header: number, name: string, language: Language): Outline | null {
  if (language.family === "python") return outlinePython(view, header, name, language);
  if (language.family !== "ruby") return outlineBraces(view, header, name, language);
  const outer = indentOf(view.lines[header] ?? "");
  // Ruby gets comments only; a comment line between statements is safe wherever the signature fits on one line.
  const isOneLine = !/[,(\\]\s*$/.test(view.lines[header] ?? "") && header + 1 < view.lines.length;
  return {
    language,
    view,
    header,
    headerEnd: header,
    bodyStart: isOneLine ? header + 1 : null,
    bodyEnd: header + 1,
    indent: outer + language.unit,
    parameters: [],
    results: [],
    masked: [],
  };
}
