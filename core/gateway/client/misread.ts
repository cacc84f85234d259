import type { JsonObject } from "./request.ts";

/** What is wrong with a request, and where: `messages[3].content[0].tool_use_id must be a string`. Caught by the reader. */
export class Misread extends Error {
  constructor(path: string, allowed: string) {
    super(`${path} must be ${allowed}`);
    this.name = "Misread";
  }
}

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

export function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw new Misread(path, "an object");
  return value;
}

/** Lone surrogates become U+FFFD: they have no UTF-8, and servers answer them with a failure of their own. */
export function textAt(value: unknown, path: string): string {
  if (typeof value !== "string") throw new Misread(path, "a string");
  return value.toWellFormed();
}

export function nameAt(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "") throw new Misread(path, "a string that is not empty");
  return value.toWellFormed();
}

export function listAt(value: unknown, path: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new Misread(path, "an array");
  if (value.length > most) throw new Misread(path, `an array of at most ${most} entries`);
  return value;
}

/** Null where nothing is said. */
export function flagAt(value: unknown, path: string): boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "boolean") throw new Misread(path, "true or false");
  return value;
}

/** Null where nothing is said. */
export function numberAt(value: unknown, path: string, least: number, allowed: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "number" || !Number.isFinite(value) || value < least) throw new Misread(path, allowed);
  return value;
}

/** Null where nothing is said. */
export function wholeAt(value: unknown, path: string, least: number): number | null {
  const allowed = `a whole number of at least ${least}`;
  const number = numberAt(value, path, least, allowed);
  if (number !== null && !Number.isSafeInteger(number)) throw new Misread(path, allowed);
  return number;
}

/** JSON that later code walks and writes by recursion. */
export const MAX_DEPTH = 200;

export function shallowAt(value: unknown, path: string): JsonObject {
  const object = objectAt(value, path);
  if (isDeeper(object, MAX_DEPTH)) throw new Misread(path, `nested no deeper than ${MAX_DEPTH} levels`);
  return object;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const member of Object.values(value)) if (isDeeper(member, levels - 1)) return true;
  return false;
}
