import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { convertTokenizer } from "../../../../core/dataset/tokenizer/convert.ts";
import { qwen3Tokenizer, type Tokenizer } from "../../../../core/dataset/tokenizer/index.ts";
import { createMergePiece } from "../../../../core/dataset/tokenizer/merge-piece.ts";
import { packVocabulary, unpackVocabulary } from "../../../../core/dataset/tokenizer/vocabulary.ts";

describe("merging", () => {
  /** Pairs of equal neighbours merge, smaller ones first: aa -> b, bb -> c … as far as 20. */
  const table = { rankOf: (left: number, right: number) => (left === right ? (left < 256 ? 0 : left < 276 ? left - 255 : -1) : -1) };
  const merge = createMergePiece(table);

  test("takes the lowest rank first and the leftmost of equals", () => {
    const tokens = Uint32Array.from({ length: 7 }, () => 1);
    expect([...tokens.subarray(0, merge(tokens, 7))]).toEqual([257, 256, 1]);
  });

  test("property: short and long pieces follow the same rule", () => {
    const pairs = new Map([
      ["1,2", 0],
      ["2,1", 1],
      ["256,256", 2],
      ["1,1", 3],
      ["256,1", 4],
      ["2,256", 5],
      ["258,258", 6],
    ]);
    const mergeBoth = createMergePiece({ rankOf: (left, right) => pairs.get(`${left},${right}`) ?? -1 });
    const naive = (all: readonly number[]): readonly number[] => {
      const tokens = [...all];
      for (;;) {
        const ranks = tokens.map((token, at) => pairs.get(`${token},${tokens[at + 1]}`) ?? Infinity);
        const best = Math.min(...ranks);
        if (best === Infinity) return tokens;
        tokens.splice(ranks.indexOf(best), 2, 256 + best);
      }
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 2), { minLength: 1, maxLength: 120 }), (piece) => {
        const tokens = Uint32Array.from(piece);
        expect([...tokens.subarray(0, mergeBoth(tokens, piece.length))]).toEqual(naive(piece));
      }),
    );
  });
});

describe("the Qwen3 tokenizer", () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await qwen3Tokenizer();
  });

  test("counts what it encodes, and known texts as Qwen3 does", () => {
    expect([...tokenizer.encode("Hello world")]).toEqual([9707, 1879]);
    expect([...tokenizer.encode("<|im_start|><think>")]).toEqual([151_644, 151_667]);
    expect(tokenizer.count("")).toBe(0);
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => tokenizer.count(text) === tokenizer.encode(text).length));
  });

  test("property: borders of added tokens are borders of counts", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(tokenizer.count(`${a}<|im_end|>${b}`)).toBe(tokenizer.count(a) + 1 + tokenizer.count(b));
      }),
    );
  });

  test("takes a run of a million letters", () => {
    expect(tokenizer.count("a".repeat(1_000_000))).toBe(125_000);
  });
});

describe("vocabulary files", () => {
  test("property: unpacking gives what was packed", () => {
    const ids = fc.uint32Array({ maxLength: 20 });
    fc.assert(
      fc.property(ids, fc.string(), (left, name) => {
        const vocabulary = { name, byteIds: Uint16Array.from([1, 2]), left, right: left.toReversed(), added: [{ content: "<x>", id: 9 }] };
        expect(unpackVocabulary(packVocabulary(vocabulary))).toEqual(vocabulary);
      }),
    );
  });

  test("a tokenizer of another kind is refused", () => {
    const json = { added_tokens: [], normalizer: { type: "NFKC" }, pre_tokenizer: { pretokenizers: [] }, model: { vocab: {}, merges: [] } };
    expect(() => convertTokenizer("x", json)).toThrow(/normalizer is NFC/);
  });
});
