/** From an offset in the text as shown (LF, no byte order mark) to the one in the file's own text. */
export function ownOffset(text: string, shownOffset: number): number {
  let at = text.startsWith("\ufeff") ? 1 : 0;
  let left = shownOffset;
  for (;;) {
    const crlf = text.indexOf("\r\n", at);
    if (crlf === -1 || crlf - at >= left) return at + left;
    left -= crlf - at + 1;
    at = crlf + 2;
  }
}

export interface Line {
  /** Without its line end. */
  readonly text: string;
  /** Empty for the last piece. */
  readonly end: "\n" | "\r\n" | "";
}

/** Pieces between line ends; the last one has none. */
export function splitLines(text: string): readonly Line[] {
  const pieces = text.split("\n");
  return pieces.map((piece, index) => {
    if (index === pieces.length - 1) return { text: piece, end: "" };
    return piece.endsWith("\r") ? { text: piece.slice(0, -1), end: "\r\n" } : { text: piece, end: "\n" };
  });
}

export function hasCrlf(text: string): boolean {
  return text.includes("\r\n");
}
