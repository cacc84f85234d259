import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../../core/errors/index.ts";
import { parametersOf, readBaseFacts } from "../../../core/training/base-facts.ts";
import { knownBase } from "../../../core/training/known-bases.ts";

/** As published with Qwen/Qwen3-32B, the fields that are read. */
const CONFIG = {
  model_type: "qwen3",
  num_hidden_layers: 64,
  hidden_size: 5120,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 25_600,
  vocab_size: 151_936,
  tie_word_embeddings: false,
  max_position_embeddings: 40_960,
  rope_scaling: null,
};

const read = (config: unknown): ReturnType<typeof readBaseFacts> =>
  readBaseFacts(Buffer.from(JSON.stringify(config)), "bases/x/config.json");

test("a config.json gives the shape that is known by name", () => {
  expect(read(CONFIG)).toEqual(knownBase("Qwen/Qwen3-32B"));
});

test("what older configs leave out follows from the rest", () => {
  const { head_dim: _, num_key_value_heads: __, max_position_embeddings: ___, tie_word_embeddings: ____, ...old } = CONFIG;
  expect(read(old)).toMatchObject({ headSize: 80, keyValueHeads: 64, maxTokens: null, isTied: false });
});

test.each([
  [{ ...CONFIG, num_experts: 128 }, "mixture of experts"],
  [{ ...CONFIG, quantization_config: { bits: 4 } }, "quantised"],
  [{ text_config: CONFIG, model_type: "qwen3_vl" }, "more than text"],
  [{ ...CONFIG, hidden_size: "5120" }, "hidden_size"],
  [{ ...CONFIG, num_hidden_layers: 1e9 }, "num_hidden_layers"],
  [{}, "model_type"],
  [[], "not the config.json"],
  [null, "not the config.json"],
])("%j is refused", (config, said) => {
  expect(() => read(config)).toThrow(said);
});

test("bytes of any kind are facts or an InputError that names the file", () => {
  const json = fc.json().map((text) => Buffer.from(text));
  const odd = fc.record({ hidden_size: fc.anything(), vocab_size: fc.anything() });
  const near = odd.map((change) =>
    Buffer.from(JSON.stringify({ ...CONFIG, ...change }, (_, value) => (typeof value === "bigint" ? 0 : value))),
  );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), json, near), (bytes) => {
      expect(answerTo(bytes)).toMatch(/^(?:facts|InputError .*the file)/);
    }),
  );
});

function answerTo(bytes: Uint8Array): string {
  try {
    return parametersOf(readBaseFacts(bytes, "the file")) > 0 ? "facts" : "nothing";
  } catch (error) {
    return error instanceof InputError ? `InputError ${error.message}` : String(error);
  }
}
