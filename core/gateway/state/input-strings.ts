import type { JsonObject } from "../client/request.ts";

/** Where in an input a string stands: one key, or the keys from the outside in. Positions in arrays are numbers. */
export type InputPath = string | readonly (string | number)[];

/** More are not looked at: inputs of real tools have a handful. */
const MAX_STRINGS = 500;

/** All strings of an input with their places; names of members are none. */
export function inputStrings(input: JsonObject): { readonly path: InputPath; readonly text: string }[] {
  const found: { path: InputPath; text: string }[] = [];
  const queue: { path: readonly (string | number)[]; value: unknown }[] = [{ path: [], value: input }];
  for (let next = queue.shift(); next !== undefined && found.length < MAX_STRINGS; next = queue.shift()) {
    const { path, value } = next;
    const [key] = path;
    if (typeof value === "string") found.push({ path: path.length === 1 && typeof key === "string" ? key : path, text: value });
    else if (typeof value === "object" && value !== null && queue.length < MAX_STRINGS && path.length < MAX_STRINGS) {
      const isList = Array.isArray(value);
      for (const [name, member] of Object.entries(value)) queue.push({ path: [...path, isList ? Number(name) : name], value: member });
    }
  }
  return found;
}

/** The string at a place; null where there is none. */
export function stringAt(input: JsonObject, path: InputPath): string | null {
  let value: unknown = input;
  for (const key of typeof path === "string" ? [path] : path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = Reflect.get(value, key);
  }
  return typeof value === "string" ? value : null;
}

export const isInputPath = (value: unknown): value is InputPath =>
  typeof value === "string" || (Array.isArray(value) && value.every((key) => typeof key === "string" || typeof key === "number"));
