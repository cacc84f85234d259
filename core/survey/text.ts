const utf8 = new TextDecoder("utf-8", { fatal: true });
// git looks for NUL in as much to call a file binary.
const SNIFFED_BYTES = 8000;
const MARKER_LINES = 10;

export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, SNIFFED_BYTES).includes(0);
}

/** UTF-8 without its byte order mark; text that is not UTF-8 is read as latin-1, in which every byte is a character. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }
}

/** A marker in the first ten lines: `@generated`, or `DO NOT EDIT` as Go's convention and many tools write it. */
export function isGenerated(text: string): boolean {
  let end = -1;
  for (let line = 0; line < MARKER_LINES; line++) {
    const next = text.indexOf("\n", end + 1);
    if (next === -1) return hasMarker(text);
    end = next;
  }
  return hasMarker(text.slice(0, end));
}

function hasMarker(head: string): boolean {
  return head.includes("@generated") || head.includes("DO NOT EDIT");
}
