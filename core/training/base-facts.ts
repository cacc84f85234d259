import * as z from "zod";
import { InputError } from "../errors/index.ts";

/** The shape of a base: a dense decoder, as its config.json tells of it. Numbers of things, not bytes. */
export interface BaseFacts {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  /** One matrix for input and output. */
  readonly isTied: boolean;
  /** Longest text that it was made for; null where it does not say. */
  readonly maxTokens: number | null;
}

const size = z.int().min(1).max(10_000_000);

/** Names of transformers' config classes for Qwen, Llama, Mistral and those built like them. */
const config = z.object({
  model_type: z.string().max(100),
  num_hidden_layers: size.max(1000),
  hidden_size: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  intermediate_size: size,
  vocab_size: size,
  tie_word_embeddings: z.boolean().nullish(),
  max_position_embeddings: size.nullish(),
});

const EXPERTS = ["num_experts", "num_local_experts", "n_routed_experts", "moe_intermediate_size"];

/** `where`: the file, for messages. InputError("training_unfit") for what is no config.json, or that of a base we cannot train. */
export function readBaseFacts(bytes: Uint8Array, where: string): BaseFacts {
  const value = parsed(bytes, where);
  const has = (key: string): boolean => typeof value === "object" && value !== null && Object.hasOwn(value, key);
  if (EXPERTS.some(has)) throw unfit(where, "it is a mixture of experts", "Take a dense model, such as Qwen/Qwen3-32B.");
  if (has("quantization_config")) throw unfit(where, "its weights are quantised", "Take the model that it was made from.");
  if (has("text_config")) throw unfit(where, "it is a model of more than text", "Take a model of text, such as Qwen/Qwen3-32B.");
  const read = config.safeParse(value);
  if (!read.success) {
    const [first] = read.error.issues;
    const what = `${first?.path.join(".") ?? ""}: ${first?.message ?? "invalid"}`;
    throw unfit(where, `it is not the config.json of a dense causal language model (${what})`, "Look whether the base is whole.");
  }
  const { hidden_size: hidden, num_attention_heads: heads } = read.data;
  return {
    layers: read.data.num_hidden_layers,
    hidden,
    heads,
    keyValueHeads: read.data.num_key_value_heads ?? heads,
    headSize: read.data.head_dim ?? Math.floor(hidden / heads),
    intermediate: read.data.intermediate_size,
    vocabulary: read.data.vocab_size,
    isTied: read.data.tie_word_embeddings ?? false,
    maxTokens: read.data.max_position_embeddings ?? null,
  };
}

function parsed(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InputError("training_unfit", `${where} is no JSON.`, { hint: "Look whether the base is whole.", cause });
  }
}

const unfit = (where: string, why: string, hint: string): InputError =>
  new InputError("training_unfit", `The base cannot be trained, by ${where}: ${why}.`, { hint });

/** Inputs and outputs of the seven projections that an adapter sits on: q, k, v, o, gate, up, down. */
function projections({ hidden, heads, keyValueHeads, headSize, intermediate }: BaseFacts): readonly (readonly [number, number])[] {
  const queries = heads * headSize;
  const keys = keyValueHeads * headSize;
  return [
    [hidden, queries],
    [hidden, keys],
    [hidden, keys],
    [queries, hidden],
    [hidden, intermediate],
    [hidden, intermediate],
    [intermediate, hidden],
  ];
}

/** Weights of one layer; norms and biases, less than a thousandth, are left out. */
export const layerParameters = (facts: BaseFacts): number => projections(facts).reduce((sum, [input, output]) => sum + input * output, 0);

export const embeddingParameters = ({ vocabulary, hidden }: BaseFacts): number => vocabulary * hidden;

/** Qwen3-32B: 32.76e9. */
export const parametersOf = (facts: BaseFacts): number =>
  facts.layers * layerParameters(facts) + embeddingParameters(facts) * (facts.isTied ? 1 : 2);

/** Of a LoRA adapter: two matrices a projection. Qwen3-32B, rank 32: 268e6. */
export const adapterParameters = (facts: BaseFacts, rank: number): number =>
  facts.layers * projections(facts).reduce((sum, [input, output]) => sum + rank * (input + output), 0);
