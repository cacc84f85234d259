import type { Outline, Parameter } from "../source/outline.ts";

/** The first parameter that a caller must give and that has a plain name; null where there is none. */
export function subjectParameter(outline: Outline): Parameter | null {
  const receivers = new Set(["self", "cls", "this", "mcs", "_"]);
  const usable = outline.parameters.filter(({ name, type, hasDefault }) => {
    if (hasDefault || receivers.has(name)) return false;
    if (outline.language.family === "go") return /^[A-Za-z]\w*$/.test(name) && zeroTest(name, type) !== null;
    return /^[A-Za-z_$][\w$]*$/.test(name);
  });
  return usable[0] ?? null;
}

/** A Go condition that is true for the zero value; null for types without a simple one. */
export function zeroTest(name: string, type: string | null): string | null {
  if (type === null) return null;
  if (type === "string") return `${name} == ""`;
  if (/^(?:\[\]|map\[|\.\.\.)/.test(type)) return `len(${name}) == 0`;
  if (/^(?:\*|func\b|chan\b|<-chan\b)/.test(type) || /^(?:error|any|interface\s*\{\s*\})$/.test(type)) return `${name} == nil`;
  if (/^u?int(?:8|16|32|64)?$|^float(?:32|64)$/.test(type)) return `${name} == 0`;
  return null;
}

/** A Go return statement with zero values; a panic where a result's zero value cannot be told from its type. */
export function zeroReturn(outline: Outline, message: string): string {
  const values = outline.results.map(zeroValue);
  if (values.includes(null)) return `panic(${JSON.stringify(message)})`;
  return values.length === 0 ? "return" : `return ${values.join(", ")}`;
}

function zeroValue(type: string): string | null {
  if (type === "string") return '""';
  if (type === "bool") return "false";
  if (/^u?int(?:8|16|32|64)?$|^float(?:32|64)$|^byte$|^rune$/.test(type)) return "0";
  if (/^(?:\*|\[\]|map\[|func\b|chan\b|<-chan\b)/.test(type) || /^(?:error|any|interface\s*\{\s*\})$/.test(type)) return "nil";
  return null;
}
