import type { ExecResult } from "./sandbox.ts";

/**
 * The text that a model sees of what a command printed. The limit and the literals are those of SWE-agent 1.1 as SERA
 * configured it (allenai/SERA-SWE-agent @c1be536), because its released models were trained on them.
 */
export const MAX_OBSERVATION_CHARACTERS = 100_000;
export const OBSERVATION_PREFIX = "OBSERVATION:\n";
export const CLIP_MARKER = "<response clipped>";
export const NO_OUTPUT = "The command ran to its end and printed nothing.";

/** CSI, OSC, other string sequences, and the short escapes. Every part stops at the next ESC, so matching is linear. */
// oxlint-disable-next-line no-control-regex -- the control characters are the subject
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g;

/** Raw bytes of a command as text: invalid UTF-8 as `\xNN`, ANSI sequences removed, CRLF as LF. */
export function outputText(output: Uint8Array): string {
  return printedText(decodeLossless(output));
}

/** The same for output that comes as text. */
export function printedText(output: string): string {
  return output.replace(ANSI, "").replaceAll("\r\n", "\n");
}

/** Any text as the content of a tool message; `omitted` counts what the sandbox already left out. */
export function observation(text: string, omitted = 0): string {
  if (text.trim() === "" && omitted === 0) return OBSERVATION_PREFIX + NO_OUTPUT;
  const kept = takeCharacters(text, MAX_OBSERVATION_CHARACTERS);
  const left = countCharacters(text, kept.length) + omitted;
  if (left === 0) return OBSERVATION_PREFIX + text;
  return `${OBSERVATION_PREFIX}${kept}${CLIP_MARKER}\n${left} characters were left out. Print less: use head, tail, grep or a file.`;
}

/** The first `limit` code points. Returns the same string when it is no longer than that. */
export function takeCharacters(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = 0;
  for (let taken = 0; taken < limit && end < text.length; taken++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

/** The last `limit` code points. */
export function takeLastCharacters(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let start = text.length;
  for (let taken = 0; taken < limit && start > 0; taken++) start -= isPairEnd(text, start) ? 2 : 1;
  return text.slice(start);
}

/** Code points from a UTF-16 offset to the end. */
export function countCharacters(text: string, from = 0): number {
  let count = 0;
  for (let at = from; at < text.length; count++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return count;
}

/** What a person would want to know beside the output: why it stops where it stops. Empty for a plain end. */
export function interruption(result: Pick<ExecResult, "outcome" | "restarted">, limitMs: number): string {
  const notes: string[] = [];
  if (result.outcome === "timeout") {
    notes.push(
      `The command was stopped: it ran longer than the limit of ${limitMs / 1000} seconds. What it had printed until then is above.`,
    );
  }
  if (result.outcome === "output_limit") notes.push("The command was stopped: it printed far too much.");
  if (result.restarted !== null) {
    notes.push(`The shell had ended (${result.restarted}) and was started again in the same directory with the same exported variables.`);
  }
  return notes.join("\n");
}

/** What a command printed, and behind it a note of ours; an empty one changes nothing. */
export function withNote(printed: string, note: string): string {
  if (note === "") return printed;
  return `${printed.trimEnd() === "" ? "" : `${printed.trimEnd()}\n`}${note}`;
}

function isPairEnd(text: string, end: number): boolean {
  return end >= 2 && text.codePointAt(end - 2)! > 0xffff;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** As Python's `backslashreplace`: a byte that is part of no character becomes `\xNN`. */
function decodeLossless(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeByParts(bytes);
  }
}

function decodeByParts(bytes: Uint8Array): string {
  const parts: string[] = [];
  let validFrom = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > validFrom) parts.push(strict.decode(bytes.subarray(validFrom, at)));
    parts.push(`\\x${bytes[at]!.toString(16).padStart(2, "0")}`);
    at += 1;
    validFrom = at;
  }
  if (at > validFrom) parts.push(strict.decode(bytes.subarray(validFrom, at)));
  return parts.join("");
}

/** Bytes of the well-formed character at `at` (Unicode, table 3-7), or 0 where there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const second = bytes[at + 1] ?? 0;
  const isContinuation = (offset: number) => ((bytes[at + offset] ?? 0) & 0xc0) === 0x80;
  if (lead >= 0xc2 && lead <= 0xdf) return isContinuation(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const isInRange = (lead !== 0xe0 || second >= 0xa0) && (lead !== 0xed || second <= 0x9f);
    return isInRange && isContinuation(1) && isContinuation(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const isInRange = (lead !== 0xf0 || second >= 0x90) && (lead !== 0xf4 || second <= 0x8f);
    return isInRange && isContinuation(1) && isContinuation(2) && isContinuation(3) ? 4 : 0;
  }
  return 0;
}
