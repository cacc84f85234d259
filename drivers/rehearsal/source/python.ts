import { closingOf, splitAtCommas } from "./brackets.ts";
import type { Language } from "./language.ts";
import { maskLines, STRING } from "./mask.ts";
import type { Outline, Parameter, SourceView } from "./outline.ts";
import { indentOf } from "./outline.ts";

/** The function whose `def` stands on line `header`; null when it is no block function or the view ends too early. */
export function outlinePython(view: SourceView, header: number, name: string, language: Language): Outline | null {
  const masked = maskLines(view.lines.slice(header), language);
  const mask = masked.map((line) => line.mask).join("\n");
  const text = masked.map((line) => line.text).join("\n");
  const open = mask.indexOf("(", mask.indexOf(name));
  const close = open < 0 ? -1 : closingOf(mask, open);
  const colon = close < 0 ? -1 : mask.indexOf(":", close);
  if (colon < 0) return null;
  const signatureLines = mask.slice(0, colon).split("\n").length;
  const headerEnd = header + signatureLines - 1;
  if ((mask.slice(colon + 1).split("\n", 1)[0] ?? "").trim() !== "") return null;

  const line = (index: number): (typeof masked)[number] | undefined => masked[index - header];
  const isBlank = (index: number): boolean => (line(index)?.mask.trim() ?? "") === "" && line(index)?.isInside !== true;
  const isStart = (index: number): boolean => {
    const at = line(index);
    return (
      at !== undefined &&
      !at.isInside &&
      at.nesting === 0 &&
      line(index - 1)
        ?.text.trimEnd()
        .endsWith("\\") !== true
    );
  };
  const end = view.lines.length;
  let first = headerEnd + 1;
  while (first < end && isBlank(first)) first += 1;
  const outer = indentOf(view.lines[header] ?? "");
  const indent = indentOf(view.lines[first] ?? "");
  if (first >= end || indent.length <= outer.length || !indent.startsWith(outer)) return null;

  let bodyStart = first;
  if (isDocstring(line(first)?.mask ?? "")) {
    bodyStart += 1;
    while (bodyStart < end && !isStart(bodyStart)) bodyStart += 1;
    if (bodyStart >= end && line(end - 1)?.isInside === true) return null;
  }
  let bodyEnd = first;
  let index = first;
  for (; index < end; index += 1) {
    if (isBlank(index)) continue;
    if (isStart(index) && indentOf(view.lines[index] ?? "").length <= outer.length) break;
    bodyEnd = index + 1;
  }
  return {
    language,
    view,
    header,
    headerEnd,
    bodyStart,
    bodyEnd,
    indent,
    parameters: splitAtCommas(mask, open + 1, close).map(([from, to]) => parameterOf(text.slice(from, to), mask.slice(from, to))),
    results: [],
    masked,
  };
}

const isDocstring = (mask: string): boolean => new RegExp(`^\\s*[rRuU]?${STRING}+\\s*;?\\s*$`).test(mask);

function parameterOf(text: string, mask: string): Parameter {
  const equals = mask.search(/=(?!=)/);
  const declared = equals < 0 ? text : text.slice(0, equals);
  const colon = mask.slice(0, declared.length).indexOf(":");
  const name = (colon < 0 ? declared : declared.slice(0, colon)).trim();
  return { name, type: colon < 0 ? null : declared.slice(colon + 1).trim(), hasDefault: equals >= 0 };
}
