import type { TrainConfig } from "../config/schema.ts";

export interface TrainedModel {
  /** What clients ask for. */
  readonly name: string;
  /** What was published: the adapter or the weights, with tokenizer and template. */
  readonly folder: string;
  readonly config: Pick<TrainConfig, "base" | "revision" | "method" | "loraRank" | "contextTokens">;
  /** GPUs that hold it together; 1 by default. */
  readonly gpus?: number;
}

/** What `--max-lora-rank` may be. Source: vLLM 0.32.0, vllm/config/lora.py, MaxLoRARanks. */
const SERVED_RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];

/**
 * The words of a command that serves a trained model with vLLM as it was trained: its own template, Hermes calls, thoughts left in the
 * content. An adapter stands beside its base, which is served under the name that the adapter knows it by. A rank above the adapter's own
 * costs throughput (vllm-project/vllm#22782), so it is the next one that vLLM has.
 */
export function serveCommand(model: TrainedModel): readonly string[] {
  const { name, folder, config, gpus = 1 } = model;
  const isLora = config.method === "lora";
  const served = isLora ? config.base : folder;
  return [
    ...["vllm", "serve", served, "--served-model-name", isLora ? config.base : name],
    ...(isLora && config.revision !== undefined ? ["--revision", config.revision] : []),
    ...(served.startsWith("s3://") ? ["--load-format", "runai_streamer"] : []),
    ...["--max-model-len", String(config.contextTokens)],
    ...(gpus > 1 ? ["--tensor-parallel-size", String(gpus)] : []),
    ...["--enable-auto-tool-choice", "--tool-call-parser", "hermes", "--chat-template", `${folder}/chat_template.jinja`],
    "--enable-prefix-caching",
    ...(isLora ? ["--enable-lora", "--max-lora-rank", String(servedRank(config.loraRank)), "--lora-modules", `${name}=${folder}`] : []),
  ];
}

/** The same as a line for a shell. */
export const serveCommandLine = (model: TrainedModel): string => serveCommand(model).map(word).join(" ");

const servedRank = (rank: number): number => SERVED_RANKS.find((served) => served >= rank) ?? rank;

const word = (text: string): string => (/^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
