/**
 * Reads what bash prints for `declare -px`: lines `declare -x NAME="value"`, where the value is in double quotes with
 * \ before " \ $ `, or in $'…' when it holds control characters (bash 5.2, lib/sh/shquote.c). Anything else is skipped:
 * the text comes from a shell that the agent owns.
 */
export function parseDeclaredVariables(text: Uint8Array): Map<string, string> {
  const source = Buffer.from(text).toString("latin1");
  const variables = new Map<string, string>();
  let at = 0;
  while (at < source.length) {
    const head = /declare -[a-zA-Z]*x[a-zA-Z]* ([A-Za-z_][A-Za-z0-9_]*)(=?)/y;
    head.lastIndex = at;
    const found = head.exec(source);
    if (!found) {
      at = nextLine(source, at);
      continue;
    }
    at = head.lastIndex;
    if (found[2] !== "=") {
      at = nextLine(source, at);
      continue;
    }
    const value = source[at] === '"' ? doubleQuoted(source, at + 1) : source.startsWith("$'", at) ? ansiQuoted(source, at + 2) : null;
    if (!value) {
      at = nextLine(source, at);
      continue;
    }
    at = nextLine(source, value.end);
    const decoded = utf8(value.text);
    if (decoded !== null) variables.set(found[1]!, decoded);
  }
  return variables;
}

interface Quoted {
  /** Bytes as latin-1 characters. */
  readonly text: string;
  readonly end: number;
}

function nextLine(source: string, from: number): number {
  const newline = source.indexOf("\n", from);
  return newline === -1 ? source.length : newline + 1;
}

function doubleQuoted(source: string, from: number): Quoted | null {
  let text = "";
  for (let at = from; at < source.length; at++) {
    const character = source[at]!;
    if (character === '"') return { text, end: at + 1 };
    if (character === "\\" && at + 1 < source.length && '"\\$`\n'.includes(source[at + 1]!)) {
      at++;
      if (source[at] !== "\n") text += source[at];
    } else text += character;
  }
  return null;
}

const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function ansiQuoted(source: string, from: number): Quoted | null {
  let text = "";
  for (let at = from; at < source.length; at++) {
    const character = source[at]!;
    if (character === "'") return { text, end: at + 1 };
    if (character !== "\\") {
      text += character;
      continue;
    }
    const octal = /[0-7]{1,3}/y;
    octal.lastIndex = at + 1;
    const digits = octal.exec(source);
    if (digits) {
      text += String.fromCharCode(Number.parseInt(digits[0], 8) & 0xff);
      at += digits[0].length;
      continue;
    }
    at++;
    const escaped = source[at];
    if (escaped === undefined) return null;
    text += ANSI_ESCAPES[escaped] ?? escaped;
  }
  return null;
}

function utf8(latin1: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, "latin1"));
  } catch {
    return null;
  }
}
