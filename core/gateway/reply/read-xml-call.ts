import type { ReadCall, TakesText } from "./read-call.ts";

const NAME = /^<function=([^<>\n]+)>\s*/;
const PARAMETER = /^<parameter=([^<>\n]+)>/;
const END = "</function>";
/** A value ends at the first closing tag that is followed by another tag of the call: values may hold such tags themselves. */
const VALUE_END = /<\/parameter>\s*(?=<parameter=|<\/function>|$)/;

/**
 * Reads the call form of Qwen3-Coder: `<function=NAME><parameter=KEY>\nvalue\n</parameter></function>`. One line break on either side
 * of a value is the form's. Null when it is no call; a call that the reply's end cut gives the parameters that are complete.
 */
export function readXmlCall(text: string, isCut: boolean, takesText: TakesText): ReadCall | null {
  const name = NAME.exec(text);
  if (name === null) return null;
  const tool = name[1]!.trim();
  const parameters = new Map<string, string>();
  let rest = text.slice(name[0].length);
  while (!rest.startsWith(END)) {
    const key = PARAMETER.exec(rest);
    const end = VALUE_END.exec(rest);
    if (key === null || end === null) return isCut ? { name: tool, arguments: json(parameters, ""), isWhole: false } : null;
    const parameter = key[1]!.trim();
    if (parameters.has(parameter)) return null;
    parameters.set(parameter, valueJson(rest.slice(key[0].length, end.index), takesText(tool, parameter)));
    rest = rest.slice(end.index + end[0].length);
  }
  return rest.slice(END.length).trim() === "" ? { name: tool, arguments: json(parameters, "}"), isWhole: true } : null;
}

const json = (parameters: ReadonlyMap<string, string>, end: string): string =>
  `{${[...parameters].map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(", ")}${end}`;

function valueJson(raw: string, isText: boolean): string {
  const value = raw.replace(/^\r?\n/, "").replace(/\r?\n$/, "");
  if (isText) return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value.trim();
  } catch {
    return JSON.stringify(value);
  }
}
