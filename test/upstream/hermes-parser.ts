import { pythonJson } from "../../core/agent/python-json.ts";

/** What a parser takes out of a text that grows: more content, a call's name (once), more of its arguments. */
export interface Parsed {
  readonly content: string;
  readonly calls: readonly { readonly index: number; readonly name?: string; readonly arguments?: string }[];
}

/**
 * `verbatim`: arguments are cut out of the text as it stands (since vllm-project/vllm#32506 and #53638). `dumped`: they come from a
 * partial parse that is dumped again, so that their bytes are Python's and not the model's (before).
 */
export type HermesDialect = "verbatim" | "dumped";

export interface StreamingParser {
  /** Takes more of the text. Null where there is nothing to tell yet. */
  push(text: string): Parsed | null;
}

const OPEN = "<tool_call>";
const CLOSE = "</tool_call>";

/**
 * The streaming half of vLLM's Hermes parser: what stands in front of the first `<tool_call>` is content, what stands between and after
 * calls is dropped, each call's name is told once, its arguments as they grow. Source: vllm-project/vllm, tool_parsers/hermes_tool_parser.py.
 */
export function createStreamingParser(dialect: HermesDialect): StreamingParser {
  let text = "";
  let sentContent = 0;
  const told: { hasName: boolean; sent: string }[] = [];
  return {
    push(more) {
      text += more;
      const firstCall = text.indexOf(OPEN);
      const sendable = firstCall < 0 ? text.length - overlap(text, OPEN) : firstCall;
      const content = sendable > sentContent ? text.slice(sentContent, sendable) : "";
      sentContent = Math.max(sentContent, sendable);
      const calls: { index: number; name?: string; arguments?: string }[] = [];
      for (const [index, region] of regionsOf(text).entries()) {
        const state = (told[index] ??= { hasName: false, sent: "" });
        if (!state.hasName) {
          const name = /"name"\s*:\s*"([^"]+)"/.exec(region.json)?.[1];
          if (name === undefined) break;
          state.hasName = true;
          calls.push({ index, name });
        }
        const known = dialect === "verbatim" ? argumentsSoFar(region.json) : dumpedSoFar(region.json);
        if (known !== null && known.length > state.sent.length) {
          calls.push({ index, arguments: known.slice(state.sent.length) });
          state.sent = known;
        }
      }
      return content === "" && calls.length === 0 ? null : { content, calls };
    },
  };
}

/**
 * The half for answers in one piece: all calls parse, or none is told and all of the text is content. Arguments are dumped anew, and
 * what stands between and after calls is dropped.
 */
export function parseWhole(text: string): { content: string; calls: readonly { name: string; arguments: string }[] } {
  const regions = regionsOf(text);
  const calls = regions.map(({ json }) => readCall(json));
  if (regions.length === 0 || calls.some((call) => call === null)) return { content: text, calls: [] };
  return { content: text.slice(0, text.indexOf(OPEN)), calls: calls.filter((call) => call !== null) };
}

function readCall(json: string): { name: string; arguments: string } | null {
  if (pythonJson(json) === null) return null;
  const name = /"name"\s*:\s*"([^"]+)"/.exec(json)?.[1];
  const raw = argumentsSoFar(json);
  const dumped = raw === null ? null : pythonJson(raw);
  return name === undefined || dumped === null ? null : { name, arguments: dumped };
}

function regionsOf(text: string): { json: string }[] {
  const found: { json: string }[] = [];
  for (let at = text.indexOf(OPEN); at >= 0;) {
    const start = at + OPEN.length;
    const end = text.indexOf(CLOSE, start);
    if (end < 0) {
      const rest = text.slice(start);
      found.push({ json: rest.slice(0, rest.length - overlap(rest, CLOSE)).trim() });
      break;
    }
    found.push({ json: text.slice(start, end).trim() });
    at = text.indexOf(OPEN, end + CLOSE.length);
  }
  return found;
}

/** The value behind `"arguments":` as far as it is there, by counting brackets outside of strings. */
function argumentsSoFar(json: string): string | null {
  const match = /"arguments"\s*:\s*/.exec(json);
  if (match === null) return null;
  const raw = json.slice(match.index + match[0].length);
  const open = raw[0];
  if (open !== "{" && open !== "[") return raw.replace(/\}\s*$/, "").trimEnd();
  const close = open === "{" ? "}" : "]";
  let depth = 0;
  let inString = false;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === open) depth++;
    else if (char === close && --depth === 0) return raw.slice(0, at + 1);
  }
  return raw;
}

/** Older parsers told a delta only when the partial parse had grown; here, when the value is whole or ends behind a member. */
function dumpedSoFar(json: string): string | null {
  const raw = argumentsSoFar(json);
  if (raw === null || !raw.startsWith("{")) return null;
  const whole = pythonJson(raw);
  if (whole !== null) return whole;
  for (let at = raw.lastIndexOf(","); at > 0; at = raw.lastIndexOf(",", at - 1)) {
    const members = pythonJson(`${raw.slice(0, at)}}`);
    if (members !== null) return members === "{}" ? null : members.slice(0, -1);
  }
  return null;
}

/** How much of the end of `text` could be the beginning of `tag`. */
function overlap(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
