import { InputError } from "../../core/errors/index.ts";
import type { Io } from "../io.ts";

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Tokens: larger windows than this are slips of the keyboard. */
export const TOKENS: Span = { from: 1, to: 100_000_000 };

export function wholeOf(flag: string, text: string | undefined, { from, to }: Span): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw new InputError("usage", `${flag}: found ${JSON.stringify(text)}; allowed: a whole number from ${from} to ${to}.`);
}

export function numberOf(flag: string, text: string | undefined, { from, to }: Span): number | null {
  if (text === undefined) return null;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= from && value <= to) return value;
  throw new InputError("usage", `${flag}: found ${JSON.stringify(text)}; allowed: a number from ${from} to ${to}.`);
}

/** A key out of the environment; from here on it is shown nowhere. The variable is named in errors, its content never. */
export function secretOf(flag: string, name: string | undefined, io: Io): string | null {
  if (name === undefined) return null;
  // People put the key itself where its variable's name belongs.
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new InputError("usage", `${flag}: found a value that is no name of an environment variable (not shown here).`, {
      hint: `Put the key into a variable and give its name: export GATEWAY_KEY=…, then ${flag} GATEWAY_KEY.`,
    });
  }
  const value = io.env[name];
  if (value === undefined || value.trim() === "") {
    throw new InputError("usage", `${flag}: the environment variable ${name} is ${value === undefined ? "not set" : "empty"}.`, {
      hint: `Set it first: export ${name}=…`,
    });
  }
  io.redactor.hide(value);
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new InputError("usage", `${flag}: the environment variable ${name} holds white space or characters that no key has.`, {
    hint: "Look for a line break or for quotes that were copied along; the value itself is never printed.",
  });
}
