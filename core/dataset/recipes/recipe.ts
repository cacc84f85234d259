import type { TrainConfig } from "../../config/schema.ts";

/** What a recipe is made from. */
export interface RecipeInput {
  /** Paths of the row files, relative to the dataset: `t1/train-00000.jsonl`. Datasets without a row are left out. */
  readonly files: Readonly<Record<"t1" | "t2", readonly string[]>>;
  /** Settings that the tools share with serac's own trainer. */
  readonly train: TrainConfig;
}

/** A file of settings for a tool that others train with; `path` is relative to the dataset, which is also the folder to start the tool in. */
export interface RecipeFile {
  readonly path: string;
  readonly text: string;
}

export const LORA_MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;
