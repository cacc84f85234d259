import { isJsonObject, jsonMembers } from "../../agent/json-members.ts";
import type { ReadCall, TakesText } from "./read-call.ts";
import { readXmlCall } from "./read-xml-call.ts";
import { endOfString, repairJson } from "./repair-json.ts";

/**
 * Reads what stands between call tags: one JSON object (`{"name": …, "arguments": {…}}`, several of them) or the XML form. `isCut`: the
 * reply ended in its midst, so that nothing may be added to it. Null when it is no call.
 */
export function readCalls(body: string, isCut: boolean, takesText: TakesText): readonly ReadCall[] | null {
  if (body.trimStart().startsWith("<function=")) {
    const call = readXmlCall(body.trim(), isCut, takesText);
    return call === null ? null : [call];
  }
  const calls: ReadCall[] = [];
  let rest = body;
  while (rest.trim() !== "") {
    const end = objectEnd(rest) ?? rest.length;
    const isLast = !rest.slice(end).includes("{");
    const text = isLast ? rest : rest.slice(0, end);
    rest = isLast ? "" : rest.slice(end);
    const call = readJsonCall(text) ?? (isCut ? cutJsonCall(text) : readJsonCall(repairJson(text.trim())));
    if (call === null) return null;
    calls.push(call);
  }
  return calls.length === 0 ? null : calls;
}

/** Null when the text is no call; also for arguments that are neither an object nor the text of one. */
function readJsonCall(text: string | null): ReadCall | null {
  const members = text === null ? null : jsonMembers(text);
  if (members === null) return null;
  const raw = (key: string) => members.find((member) => member.key === key)?.raw;
  const name: unknown = JSON.parse(raw("name") ?? "null");
  const given = raw("arguments") ?? raw("parameters") ?? "{}";
  const json = given === "null" ? "{}" : given.startsWith('"') ? String(JSON.parse(given)) : given;
  if (typeof name !== "string" || name === "" || !isJsonObject(json)) return null;
  return { name, arguments: json, isWhole: true };
}

/** Of a call that the reply's end cut: what there is of its arguments, when the name is there. */
function cutJsonCall(text: string): ReadCall | null {
  const found = CUT_CALL.exec(text);
  if (found === null) return null;
  const name: unknown = parseOrNull(found[1]!);
  return typeof name === "string" && name !== "" ? { name, arguments: found[2] ?? "", isWhole: false } : null;
}

const CUT_CALL = /^\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\[^])*")\s*(?:,\s*"(?:arguments|parameters)"\s*:\s*(\{[^]*)|[^]*)$/;

function parseOrNull(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** The index behind the first JSON object of the text; null when it has no end. */
export function objectEnd(text: string): number | null {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') {
      const end = endOfString(text, at);
      if (end === null) return null;
      at = end - 1;
    } else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return at + 1;
  }
  return null;
}
