/**
 * JSON as Python's `json.dumps(value, ensure_ascii=False)` and the `tojson` of chat templates write it: a blank after `,` and `:`,
 * non-ASCII as it is, keys in their order. For values that we made; JSON text of others is passed on as text.
 */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${spacedJson(member)}`).join(", ")}}`;
  }
  return JSON.stringify(value ?? null);
}
