import { stringify } from "yaml";
import { learningRateOf, loraAlphaOf } from "../../config/train-settings.ts";
import { LORA_MODULES, type RecipeFile, type RecipeInput } from "./recipe.ts";
import { FRAMES } from "./frames.ts";

const HEAD = `# axolotl (tested to load with 0.19.0). Start it in the dataset's folder:
#   axolotl train recipes/axolotl.yaml
# One step sees gradient_accumulation_steps trajectories a GPU: divide it by your GPUs.
`;

/** Field names: axolotl.utils.schemas.config. Replies to train on are named by `train` of each message, not by their role. */
export function axolotlRecipe({ files, train }: RecipeInput): readonly RecipeFile[] {
  const datasets = [...files.t1, ...files.t2].map((path) => ({
    path,
    ds_type: path.endsWith(".parquet") ? "parquet" : "json",
    type: "chat_template",
    field_messages: "messages",
    message_property_mappings: { role: "role", content: "content" },
    message_field_training: "train",
    roles_to_train: [],
    train_on_eos: "turn",
  }));
  const adapter = { adapter: "lora", lora_r: train.loraRank, lora_alpha: loraAlphaOf(train), lora_target_modules: [...LORA_MODULES] };
  const settings = {
    base_model: train.base,
    ...(train.method === "lora" ? adapter : {}),
    datasets,
    chat_template: "jinja",
    chat_template_jinja: FRAMES,
    eot_tokens: ["<|im_end|>"],
    sequence_len: train.contextTokens,
    sample_packing: false,
    micro_batch_size: 1,
    gradient_accumulation_steps: train.batchSize,
    num_epochs: train.epochs,
    learning_rate: learningRateOf(train),
    lr_scheduler: "cosine",
    warmup_steps: train.warmupSteps,
    weight_decay: train.weightDecay,
    optimizer: "adamw_torch",
    bf16: "auto",
    gradient_checkpointing: true,
    seed: train.seed,
    save_steps: train.saveSteps,
    dataset_prepared_path: "../axolotl-prepared",
    output_dir: "../axolotl-model",
  };
  return [{ path: "recipes/axolotl.yaml", text: HEAD + stringify(settings, { lineWidth: 0 }) }];
}
