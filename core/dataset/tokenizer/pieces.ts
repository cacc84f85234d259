/** White space as the `tokenizers` library sees it (Unicode White_Space): with U+0085 and without U+FEFF, unlike JavaScript's `\s`. */
const SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** Qwen's pre-tokenizer: merges never cross the borders of these pieces. */
const PIECE = new RegExp(
  [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
    "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
    "\\p{N}",
    ` ?[^${SPACE}\\p{L}\\p{N}]+[\\r\\n]*`,
    `[${SPACE}]*[\\r\\n]+`,
    `[${SPACE}]+(?![^${SPACE}])`,
    `[${SPACE}]+`,
  ].join("|"),
  "gu",
);

/** A longer text is taken in slices, so that a list of its pieces stays small. */
const SLICE = 1 << 20;

/** Every piece of the text, in order; together they are the text. */
export function* piecesOf(text: string): Generator<readonly string[]> {
  if (text.length <= SLICE) {
    const pieces = text.match(PIECE);
    if (pieces !== null) yield pieces;
    return;
  }
  let pieces: string[] = [];
  for (const match of text.matchAll(PIECE)) {
    if (pieces.push(match[0]) < 65_536) continue;
    yield pieces;
    pieces = [];
  }
  yield pieces;
}
