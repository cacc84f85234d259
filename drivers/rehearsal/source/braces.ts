import { closingOf, splitAtCommas } from "./brackets.ts";
import type { Language } from "./language.ts";
import { maskLines } from "./mask.ts";
import type { Outline, Parameter, SourceView } from "./outline.ts";
import { indentOf } from "./outline.ts";

/** A signature longer than this is taken for something else. */
const SIGNATURE_LINES = 40;

/**
 * The function named on line `header` in a language with braces. `bodyStart` is null for a body on one line or an
 * expression. Null when the line is no definition: a call, an overload, a declaration without a body.
 */
export function outlineBraces(view: SourceView, header: number, name: string, language: Language): Outline | null {
  const masked = maskLines(view.lines.slice(header), language);
  const mask = masked
    .slice(0, SIGNATURE_LINES)
    .map((line) => line.mask)
    .join("\n");
  const text = masked
    .slice(0, SIGNATURE_LINES)
    .map((line) => line.text)
    .join("\n");
  const parameters = parameterList(mask, name, language);
  if (parameters === null) return null;
  const body = findBody(mask, parameters.close + 1, language);
  if (body === null) return null;

  const outer = indentOf(view.lines[header] ?? "");
  const base = {
    language,
    view,
    header,
    parameters:
      language.family === "go"
        ? goParameters(text.slice(parameters.open + 1, parameters.close))
        : splitAtCommas(mask, parameters.open + 1, parameters.close).map(([from, to]) =>
            scriptParameter(text.slice(from, to), mask.slice(from, to)),
          ),
    results: language.family === "go" && body !== "expression" ? goResults(text.slice(parameters.close + 1, body)) : [],
    masked,
  };
  const headerEnd = header + mask.slice(0, body === "expression" ? parameters.close : body).split("\n").length - 1;
  const isBlock = body !== "expression" && (mask.slice(body + 1).split("\n", 1)[0] ?? "").trim() === "";
  if (!isBlock) return { ...base, headerEnd, bodyStart: null, bodyEnd: headerEnd + 1, indent: outer };

  let bodyStart = headerEnd + 1;
  if (language.family === "script") while (/^\s*(['"])use [a-z]+\1;?\s*$/.test(view.lines[bodyStart] ?? "")) bodyStart += 1;
  if (bodyStart >= view.lines.length) return { ...base, headerEnd, bodyStart: null, bodyEnd: headerEnd + 1, indent: outer };
  const inner = view.lines.slice(bodyStart).find((line) => line.trim() !== "");
  const isDeeper = inner !== undefined && indentOf(inner).length > outer.length && indentOf(inner).startsWith(outer);
  return {
    ...base,
    headerEnd,
    bodyStart,
    bodyEnd: bodyEndOf(masked, headerEnd - header, body - lineStart(mask, body)) + header,
    indent: isDeeper ? indentOf(inner) : outer + (outer.includes("\t") ? "\t" : language.unit),
  };
}

interface ParameterList {
  readonly open: number;
  readonly close: number;
}

function parameterList(mask: string, name: string, language: Language): ParameterList | null {
  const at = new RegExp(`(?<![\\w$])${escape(name)}(?![\\w$])`).exec(mask)?.index ?? -1;
  if (at < 0) return null;
  let from = at + name.length;
  const generic = /^\s*([<[])/.exec(mask.slice(from));
  if (generic !== null && (generic[1] === "<" || language.family === "go")) {
    const close = closingOf(mask, from + generic[0].length - 1);
    if (close < 0) return null;
    from = close + 1;
  }
  const open = mask.indexOf("(", from);
  if (open < 0) return null;
  // Between name and parameters: `= async function`, `: Type =`, a generic list; never the end of a statement.
  if (/[;{}]/.test(mask.slice(from, open))) return null;
  const close = closingOf(mask, open);
  return close < 0 ? null : { open, close };
}

/** Index of the brace that opens the body, or "expression" for an arrow without one. */
function findBody(mask: string, from: number, language: Language): number | "expression" | null {
  if (language.family === "script" && !/^\s*(?:\{|:|=>)/.test(mask.slice(from))) return null;
  let index = from;
  while (index < mask.length) {
    const character = mask[index] ?? "";
    if (character === ";") return null;
    if (character === "}" || (language.family === "braces" && character === "=")) return null;
    if (character === "=" && mask[index + 1] === ">") {
      const next = index + 2 + (/^\s*/.exec(mask.slice(index + 2))?.[0].length ?? 0);
      if (mask[next] === "{") return next;
      // `(): (x: A) => B => …` is a type that goes on; a body that is an expression ends the search.
      if (!/=>|\{\s*$/m.test(mask.slice(next).split("\n", 1)[0] ?? "")) return "expression";
      index += 2;
    } else if (character === "(" || character === "[") {
      const close = closingOf(mask, index);
      if (close < 0) return null;
      index = close + 1;
    } else if (character === "{") {
      const isTypeLiteral = language.family !== "braces" && isTypeBefore(mask.slice(from, index), language);
      if (!isTypeLiteral) return index;
      const close = closingOf(mask, index);
      if (close < 0) return null;
      index = close + 1;
    } else index += 1;
  }
  return null;
}

const isTypeBefore = (before: string, language: Language): boolean =>
  language.family === "go" ? /\b(?:interface|struct)\s*$/.test(before) : /(?:[:|&<,]|\bis|\bextends)\s*$/.test(before);

const lineStart = (mask: string, index: number): number => mask.lastIndexOf("\n", index - 1) + 1;

/** The line of the closing brace, counted from the header. */
function bodyEndOf(masked: Outline["masked"], line: number, column: number): number {
  let depth = 0;
  for (let index = line; index < masked.length; index += 1) {
    const mask = masked[index]?.mask ?? "";
    for (const character of index === line ? mask.slice(column) : mask) {
      if (character === "{") depth += 1;
      else if (character === "}" && (depth -= 1) === 0) return index;
    }
  }
  return masked.length;
}

function scriptParameter(text: string, mask: string): Parameter {
  const equals = mask.search(/=(?![=>])/);
  const declared = equals < 0 ? text : text.slice(0, equals);
  const colon = mask.slice(0, declared.length).indexOf(":");
  const name = (colon < 0 ? declared : declared.slice(0, colon)).trim();
  return { name, type: colon < 0 ? null : declared.slice(colon + 1).trim(), hasDefault: equals >= 0 || name.endsWith("?") };
}

/** `a, b int, c ...string`: a name without a type has the type of the next one that has. */
function goParameters(text: string): readonly Parameter[] {
  const parts = splitAtCommas(text, 0, text.length).map(([from, to]) => text.slice(from, to).trim());
  let type: string | null = null;
  return parts
    .toReversed()
    .map((part) => {
      const match = /^([A-Za-z_]\w*)\s+(.+)$/s.exec(part);
      if (match !== null) type = match[2] ?? null;
      return { name: match?.[1] ?? part, type: match === null && type === null ? null : type, hasDefault: false };
    })
    .toReversed();
}

/** `(n int, err error)` -> int, error; ` string ` -> string. */
function goResults(text: string): readonly string[] {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  if (!trimmed.startsWith("(")) return [trimmed];
  return goParameters(trimmed.slice(1, -1)).map((result) => result.type ?? result.name);
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
