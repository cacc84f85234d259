import type { Outline } from "../source/outline.ts";
import { maskedAt } from "../source/outline.ts";
import type { Recipe } from "./change.ts";
import { subjectParameter, zeroReturn, zeroTest } from "./subject-parameter.ts";

/** A guard that refuses a missing argument. */
export const guard: Recipe = (outline, name, variant) => {
  const parameter = subjectParameter(outline);
  if (parameter === null || outline.bodyStart === null) return null;
  const { indent, language, bodyStart } = outline;
  const step = indent.includes("\t") ? "\t" : language.unit;
  const p = parameter.name;
  if (language.family === "python") {
    const raise = variant === 0 ? `raise ValueError("${name}: ${p} must not be None")` : `raise TypeError("${p} is missing")`;
    return [{ kind: "insert", before: bodyStart, lines: [`${indent}if ${p} is None:`, `${indent}${step}${raise}`] }];
  }
  if (language.family === "script") {
    const error = variant === 0 ? `throw new TypeError("${name}: ${p} is required");` : `throw new Error("no ${p} given");`;
    return [
      {
        kind: "insert",
        before: bodyStart,
        lines: [`${indent}if (${p} === undefined || ${p} === null) {`, `${indent}${step}${error}`, `${indent}}`],
      },
    ];
  }
  const test = language.family === "go" ? zeroTest(p, parameter.type) : null;
  if (test === null) return null;
  const leave = variant === 0 ? zeroReturn(outline, `${name}: ${p} is required`) : `panic("${name}: no ${p}")`;
  return [{ kind: "insert", before: bodyStart, lines: [`${indent}if ${test} {`, `${indent}${step}${leave}`, `${indent}}`] }];
};

/** Leaves at once when there is nothing to do. */
export const early: Recipe = (outline, name, variant) => {
  const parameter = subjectParameter(outline);
  if (parameter === null || outline.bodyStart === null) return null;
  const { indent, language, bodyStart } = outline;
  const step = indent.includes("\t") ? "\t" : language.unit;
  const p = parameter.name;
  const comment = `${indent}${language.lineComment} ${variant === 0 ? `Nothing to do without ${p}.` : `An empty ${p} is no work at all.`}`;
  if (language.family === "python") {
    // A generator, and above all an asynchronous one, may only return without a value.
    const leave = name === "__init__" || yields(outline) ? "return" : "return None";
    return [{ kind: "insert", before: bodyStart, lines: [comment, `${indent}if not ${p}:`, `${indent}${step}${leave}`] }];
  }
  if (language.family === "script") {
    return [{ kind: "insert", before: bodyStart, lines: [comment, `${indent}if (!${p}) {`, `${indent}${step}return;`, `${indent}}`] }];
  }
  const test = language.family === "go" ? zeroTest(p, parameter.type) : null;
  if (test === null) return null;
  return [
    {
      kind: "insert",
      before: bodyStart,
      lines: [comment, `${indent}if ${test} {`, `${indent}${step}${zeroReturn(outline, `${name}: empty ${p}`)}`, `${indent}}`],
    },
  ];
};

function yields(outline: Outline): boolean {
  for (let index = outline.headerEnd + 1; index < outline.bodyEnd; index += 1) {
    if (/\byield\b/.test(maskedAt(outline, index)?.mask ?? "")) return true;
  }
  return false;
}
