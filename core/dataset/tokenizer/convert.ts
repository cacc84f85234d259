import type { BpeVocabulary } from "./vocabulary.ts";

/** What we use of a `tokenizer.json` of the `tokenizers` library. */
interface TokenizerJson {
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly normalized: boolean }[];
  readonly normalizer: { readonly type: string };
  readonly pre_tokenizer: { readonly pretokenizers: readonly { readonly pattern?: { readonly Regex: string } }[] };
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: readonly (readonly [string, string])[] };
}

/** The pattern that pieces.ts is the JavaScript form of. */
const QWEN_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** Turns Qwen's tokenizer.json (11 MB) into the compact form. Throws where the file is not of the kind that our encoder reproduces. */
export function convertTokenizer(name: string, json: TokenizerJson): BpeVocabulary {
  const { vocab, merges } = json.model;
  expect(json.normalizer.type === "NFC", "the normalizer is NFC");
  expect(json.pre_tokenizer.pretokenizers[0]?.pattern?.Regex === QWEN_PATTERN, "the pattern is Qwen's");
  expect(
    json.added_tokens.every((token) => !token.normalized),
    "added tokens are found before normalizing",
  );
  const left = new Uint32Array(merges.length);
  const right = new Uint32Array(merges.length);
  merges.forEach(([a, b], rank) => {
    expect(vocab[a + b] === 256 + rank, "ids follow the order of the merges");
    left[rank] = vocab[a]!;
    right[rank] = vocab[b]!;
  });
  const byteIds = Uint16Array.from(byteAlphabet(), (char) => vocab[char]!);
  return { name, byteIds, left, right, added: json.added_tokens.map(({ content, id }) => ({ content, id })) };
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`This tokenizer.json cannot be converted: it does not hold that ${what}.`);
}

/** The printable character that stands for each byte in a byte-level vocabulary. Source: openai/gpt-2 src/encoder.py, `bytes_to_unicode`. */
function byteAlphabet(): readonly string[] {
  let spare = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(isPrintable ? byte : 256 + spare++);
  });
}
