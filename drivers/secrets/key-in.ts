/** What a header can carry, which is where keys go. */
const KEY = /^[\x21-\x7e]+$/;

/** The key in the text of a secret: the text itself, or the `apiKey` of a JSON object. Null when there is none. */
export function keyIn(text: string): string | null {
  const trimmed = text.trim();
  const key = trimmed.startsWith("{") ? memberOf(trimmed) : trimmed;
  return typeof key === "string" && KEY.test(key.trim()) ? key.trim() : null;
}

function memberOf(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && "apiKey" in value ? value.apiKey : null;
  } catch {
    return null;
  }
}
