import { pythonFloat } from "./python-number.ts";

/**
 * JSON as Python's `json.dumps(value, ensure_ascii=False)` and the `tojson` of chat templates write it: a blank behind `,` and `:`,
 * non-ASCII as it is, keys in their order, numbers as Python reads and writes what JavaScript writes. Lone surrogates become U+FFFD. For
 * values that we made; JSON text of others goes through pythonJson.
 */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key.toWellFormed())}: ${spacedJson(member)}`).join(", ")}}`;
  }
  if (typeof value === "string") return JSON.stringify(value.toWellFormed());
  const json = JSON.stringify(value ?? null);
  return typeof value === "number" && /[.e]/.test(json) ? pythonFloat(value) : json;
}
