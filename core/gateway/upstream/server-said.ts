const LONGEST = 300;

// oxlint-disable-next-line no-control-regex -- that is what it is for: a server's text must not steer a terminal.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** Frames of Python, of JavaScript, and what introduces them. */
const STACK = /\bTraceback \(most recent call last\)[^]*|\n\s*(?:File "[^"\n]*", line \d+|at \S+ ?\(?[^\n]*:\d+:\d+\)?)[^]*/;

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, "$1"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, "$1 [key]"],
  [/\b((?:api[-_]?key|token|secret|password|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&]{4,}/gi, "$1[key]"],
  [/\b(?:sk|hf|pk|gsk)[-_][\w-]{8,}/g, "[key]"],
];

/**
 * The sentence for a person in an error body, of whatever shape: OpenAI's, vLLM's, SGLang's, FastAPI's, plain text. One bounded line
 * without control characters, stack traces and what looks like a key. "" for a page of HTML, and for nothing.
 */
export function serverSaid(body: string): string {
  const start = body.slice(0, 64 * 1024);
  const text = messageIn(start);
  if (/^\s*(?:<!doctype|<html|<\?xml)/i.test(text)) return "";
  let line = text.slice(0, 16 * LONGEST).replace(STACK, "");
  for (const [secret, shown] of SECRETS) line = line.replace(secret, shown);
  line = line.replace(CONTROL, " ").replace(/\s+/g, " ").trim().toWellFormed();
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
}

function messageIn(body: string): string {
  try {
    return sentence(JSON.parse(body), 8) ?? "";
  } catch {
    return body;
  }
}

function sentence(json: unknown, depth: number): string | undefined {
  if (typeof json === "string") return json;
  if (depth === 0 || typeof json !== "object" || json === null) return undefined;
  if (Array.isArray(json)) return sentence(json[0], depth - 1);
  const fields = new Map<string, unknown>(Object.entries(json));
  return sentence(fields.get("error") ?? fields.get("message") ?? fields.get("detail") ?? fields.get("msg"), depth - 1);
}
