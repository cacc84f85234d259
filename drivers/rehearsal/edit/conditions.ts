import { isBalanced } from "../source/brackets.ts";
import { STRING } from "../source/mask.ts";
import type { Recipe } from "./change.ts";
import { bodyLines } from "./body-lines.ts";
import { subjectParameter, zeroTest } from "./subject-parameter.ts";

/** Makes a condition ask for the argument as well. */
export const narrow: Recipe = (outline, _name, variant) => {
  const parameter = subjectParameter(outline);
  if (parameter === null) return null;
  const p = parameter.name;
  const { family } = outline.language;
  const extra =
    family === "python"
      ? variant === 0
        ? `${p} is not None`
        : `bool(${p})`
      : family === "script"
        ? variant === 0
          ? `${p} !== undefined`
          : `Boolean(${p})`
        : (zeroTest(p, parameter.type)?.replace("==", variant === 0 ? "!=" : ">") ?? null);
  if (extra === null || (family === "go" && variant === 1 && !extra.startsWith("len("))) return null;
  const pattern =
    family === "python"
      ? /^(\s*(?:el)?if )(.+)(:)\s*$/
      : family === "script"
        ? /^(\s*(?:\} else )?if \()(.+)(\) \{)\s*$/
        : /^(\s*(?:\} else )?if )(.+)( \{)\s*$/;
  for (const { index, text, mask } of bodyLines(outline)) {
    const match = pattern.exec(mask);
    const condition = match?.[2];
    if (match === null || condition === undefined || !isBalanced(condition) || mask.trimEnd().length !== text.trimEnd().length) continue;
    if (family === "go" && /;|:=/.test(condition)) continue;
    const start = match[1]?.length ?? 0;
    const written = text.slice(start, start + condition.length);
    const joined = family === "python" ? `(${written}) and ${extra}` : `(${written}) && ${extra}`;
    return [{ kind: "replace", at: index, line: `${text.slice(0, start)}${joined}${match[3] ?? ""}` }];
  }
  return null;
};

const FLIPPED: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

/** Takes a limit in, or leaves it out. */
export const boundary: Recipe = (outline, _name, variant) => {
  const found = [...bodyLines(outline)].filter(({ mask }) => {
    // One comparison with spaces around it, and nothing that could be a generic, an arrow, a shift or markup.
    const brackets = mask.match(/[<>]/g) ?? [];
    return (
      brackets.length === 1 &&
      / (?:<=?|>=?) /.test(mask) &&
      !/->|=>|\b(?:class|operator|type|interface|extends|template|typename|where)\b/.test(mask)
    );
  });
  const line = variant === 0 ? found[0] : found.at(-1);
  const match = / (<=?|>=?) /.exec(line?.mask ?? "");
  if (line === undefined || match === null || (variant === 1 && found.length < 2)) return null;
  const sign = FLIPPED[match[1] ?? ""] ?? "";
  const at = match.index + 1;
  return [{ kind: "replace", at: line.index, line: line.text.slice(0, at) + sign + line.text.slice(at + (match[1]?.length ?? 0)) }];
};

const NAMES = ["limit", "bound", "threshold", "cutoff", "margin"];

/** Gives a number in the body a name. */
export const constant: Recipe = (outline, _name, variant) => {
  const { bodyStart, indent, language, view } = outline;
  if (bodyStart === null || (language.family !== "python" && language.family !== "script" && language.family !== "go")) return null;
  const all = view.lines.join("\n");
  const free = NAMES.filter((candidate) => !new RegExp(String.raw`\b${candidate}\b`).test(all));
  const chosen = variant === 0 ? free[0] : free[1];
  if (chosen === undefined) return null;
  for (const { index, text, mask } of bodyLines(outline)) {
    if (
      mask.includes(STRING) ||
      /\b(?:case|global|nonlocal|enum|type|interface|def|function|func|class|match)\b|^\s*(?:@|import\b|from\b)/.test(mask)
    )
      continue;
    const numbers = [...mask.matchAll(/(?<![\w.$#])[1-9]\d{1,5}(?![\w.])/g)];
    const [number] = numbers;
    // A key of an object or a label cannot be a name.
    if (numbers.length !== 1 || number === undefined || /^\s*:(?!=)/.test(mask.slice(number.index + number[0].length))) continue;
    const declared =
      language.family === "python"
        ? `${chosen} = ${number[0]}`
        : `const ${chosen} = ${number[0]}${language.family === "script" ? ";" : ""}`;
    return [
      { kind: "insert", before: bodyStart, lines: [`${indent}${declared}`] },
      { kind: "replace", at: index, line: text.slice(0, number.index) + chosen + text.slice(number.index + number[0].length) },
    ];
  }
  return null;
};

/** Lets callers leave the last argument out. */
export const optional: Recipe = (outline, _name, variant) => {
  const { header, headerEnd, parameters, language, masked } = outline;
  const last = parameters.at(-1);
  const text = outline.view.lines[header] ?? "";
  const mask = masked[0]?.mask ?? "";
  if (header !== headerEnd || last === undefined || last.hasDefault || last.name === "self" || last.name === "cls" || last.name === "this")
    return null;
  if (!/^[A-Za-z_$][\w$]*$/.test(last.name) || /\b(?:set|get)\s/.test(mask)) return null;
  if (language.family !== "python" && !(language.family === "script" && last.type === null)) return null;
  const value = language.family === "python" ? (variant === 0 ? "None" : "()") : variant === 0 ? "null" : "undefined";
  const equals = language.family === "python" && last.type === null ? "=" : " = ";
  // The list of parameters ends at the last parenthesis before which the parameter stands.
  const written = last.type === null ? last.name : `${last.name}: ${last.type}`;
  const at = text.lastIndexOf(written);
  const close = at < 0 ? -1 : at + written.length;
  if (close < 0 || !/^\s*,?\s*\)/.test(mask.slice(close)) || !/[(,\s]$/.test(text.slice(0, at))) return null;
  return [{ kind: "replace", at: header, line: `${text.slice(0, close)}${equals}${value}${text.slice(close)}` }];
};
