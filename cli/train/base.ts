import { readdir, readFile, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { TrainConfig } from "../../core/config/schema.ts";
import { InputError } from "../../core/errors/index.ts";
import { type BaseFacts, parametersOf, readBaseFacts } from "../../core/training/base-facts.ts";
import { knownBase } from "../../core/training/known-bases.ts";
import { memoryNeed, USABLE_SHARE } from "../../core/training/memory.ts";
import { bytes as bytesText } from "../format/bytes.ts";
import { hubCache } from "../platform/trainer.ts";
import type { ChosenTrainer } from "./choose-trainer.ts";

export interface LocalBase {
  /** Null for one that neither its files nor its name tell of. */
  readonly facts: BaseFacts | null;
  /** What a person should know of it; null when there is nothing to say. */
  readonly note: string | null;
}

/** The base, as far as it can be seen from here. InputError("training_unfit") for a folder that is none, or that we cannot train. */
export async function localBase({ base, revision }: TrainConfig, env: NodeJS.ProcessEnv): Promise<LocalBase> {
  if (isAbsolute(base)) return { facts: await factsIn(base), note: null };
  if (base.startsWith("s3://")) return { facts: null, note: `the base is fetched from ${base} by the trainer` };
  const kept = await keptByHub(base, revision ?? "main", env);
  if (kept !== null) return { facts: await factsIn(kept), note: null };
  return { facts: knownBase(base), note: `the base is not on this machine: the trainer fetches it from the hub` };
}

async function factsIn(folder: string): Promise<BaseFacts> {
  const isFolder = (await stat(folder).catch(() => null))?.isDirectory() === true;
  const file = join(folder, "config.json");
  const config = await readFile(file).catch(() => null);
  if (config !== null) return readBaseFacts(config, file);
  throw new InputError("training_unfit", `The base ${folder} ${isFolder ? "has no config.json" : "is not there"}.`, {
    hint: "train.base, or --base, is the folder of a model in the format of Hugging Face transformers, or the name of one, such as Qwen/Qwen3-8B.",
  });
}

/** The snapshot of a model that the hub's library has on this disk. */
async function keptByHub(name: string, revision: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const home = join(hubCache(env), `models--${name.replaceAll("/", "--")}`);
  const commit = await readFile(join(home, "refs", revision), "utf8").catch(() => revision);
  const snapshots = await readdir(join(home, "snapshots")).catch((): readonly string[] => []);
  return snapshots.includes(commit.trim()) ? join(home, "snapshots", commit.trim()) : null;
}

/** Of one device, in bytes; null where the base's shape is not known. */
export function localNeed(
  { facts }: LocalBase,
  train: TrainConfig,
  { device, devices }: Pick<ChosenTrainer, "device" | "devices">,
): number | null {
  if (facts === null) return null;
  const { bytes } = memoryNeed(facts, train, { gpus: devices, sequenceParallel: 1 });
  // On a processor the frozen weights are in fp32.
  return device === "cpu" && train.method === "lora" ? bytes + 2 * parametersOf(facts) : bytes;
}

/** Before anything is loaded that cannot fit. InputError("training_unfit"). */
export function refuseUnfit(base: LocalBase, train: TrainConfig, chosen: ChosenTrainer): void {
  const unfit = unfitFor(base, train, chosen);
  if (unfit !== null) throw unfit;
}

/** Why it cannot fit: InputError("training_unfit"). Null when it fits, or nobody knows. */
export function unfitFor(base: LocalBase, train: TrainConfig, chosen: ChosenTrainer): InputError | null {
  const need = localNeed(base, train, chosen);
  const { memoryBytes, device, devices } = chosen;
  if (need === null || memoryBytes === null || need <= memoryBytes * (device === "cpu" ? 1 : USABLE_SHARE)) return null;
  const where = device === "cpu" ? "this machine has" : devices === 1 ? "this GPU has" : `each of these ${devices} GPUs has`;
  const smaller = train.method === "full" ? "train.method lora" : "a smaller base";
  return new InputError(
    "training_unfit",
    `${train.base} with method ${train.method} and ${train.contextTokens} tokens needs about ${bytesText(need)}; ${where} ${bytesText(memoryBytes)}.`,
    {
      hint: `A smaller train.contextTokens or ${smaller} needs less; \`serac train --cloud\` has larger machines.`,
    },
  );
}
