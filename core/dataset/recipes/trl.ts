import { stringify } from "yaml";
import { learningRateOf, loraAlphaOf } from "../../config/train-settings.ts";
import { MARKED_FRAMES } from "./frames.ts";
import { LORA_MODULES, type RecipeFile, type RecipeInput } from "./recipe.ts";

const HEAD = `# TRL (tested to load with 1.16.0). Start it in the dataset's folder:
#   trl sft --config recipes/trl.yaml
# One step sees gradient_accumulation_steps trajectories a GPU: divide it by your GPUs.
`;

/** Field names: trl.SFTConfig, trl.ModelConfig, trl.scripts.utils.DatasetConfig. */
export function trlRecipe({ files, train }: RecipeInput): readonly RecipeFile[] {
  const datasets = [files.t1, files.t2]
    .filter((paths) => paths.length > 0)
    .map((paths) => ({ path: paths[0]!.endsWith(".parquet") ? "parquet" : "json", data_files: [...paths], columns: ["messages"] }));
  const adapter = { use_peft: true, lora_r: train.loraRank, lora_alpha: loraAlphaOf(train), lora_target_modules: [...LORA_MODULES] };
  const settings = {
    model_name_or_path: train.base,
    datasets,
    chat_template_path: "recipes/trl.jinja",
    assistant_only_loss: true,
    ...(train.method === "lora" ? adapter : {}),
    max_length: train.contextTokens,
    packing: false,
    per_device_train_batch_size: 1,
    gradient_accumulation_steps: train.batchSize,
    num_train_epochs: train.epochs,
    learning_rate: learningRateOf(train),
    lr_scheduler_type: "cosine",
    warmup_steps: train.warmupSteps,
    weight_decay: train.weightDecay,
    adam_beta2: 0.95,
    seed: train.seed,
    save_steps: train.saveSteps,
    output_dir: "../trl-model",
  };
  return [
    { path: "recipes/trl.jinja", text: MARKED_FRAMES },
    { path: "recipes/trl.yaml", text: HEAD + stringify(settings, { lineWidth: 0 }) },
  ];
}
