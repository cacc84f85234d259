import { stringify } from "yaml";
import { learningRateOf, loraAlphaOf } from "../../config/train-settings.ts";
import { LORA_MODULES, type RecipeFile, type RecipeInput } from "./recipe.ts";

const HEAD = `# LLaMA-Factory (tested to load with 0.9.5). Start it in the dataset's folder:
#   llamafactory-cli train recipes/llama-factory.yaml
# Its chatml template also trains the line end behind each reply, and every assistant turn whatever \`train\` says.
# One step sees gradient_accumulation_steps trajectories a GPU: divide it by your GPUs.
`;

/** Field names: llamafactory.hparams; dataset_info.json: its data/README.md. A file is a dataset there. */
export function llamaFactoryRecipe({ files, train }: RecipeInput): readonly RecipeFile[] {
  const paths = [...files.t1, ...files.t2];
  const nameOf = (path: string): string => path.replace(/\.[a-z]+$/, "").replaceAll("/", "-");
  const tags = { role_tag: "role", content_tag: "content", user_tag: "user", assistant_tag: "assistant", system_tag: "system" };
  const info = Object.fromEntries(
    paths.map((path) => [nameOf(path), { file_name: `../${path}`, formatting: "sharegpt", columns: { messages: "messages" }, tags }]),
  );
  const adapter = {
    finetuning_type: "lora",
    lora_rank: train.loraRank,
    lora_alpha: loraAlphaOf(train),
    lora_target: LORA_MODULES.join(","),
  };
  const settings = {
    model_name_or_path: train.base,
    stage: "sft",
    do_train: true,
    ...(train.method === "lora" ? adapter : { finetuning_type: "full" }),
    dataset_dir: "recipes",
    dataset: paths.map(nameOf).join(","),
    template: "chatml",
    cutoff_len: train.contextTokens,
    packing: false,
    per_device_train_batch_size: 1,
    gradient_accumulation_steps: train.batchSize,
    num_train_epochs: train.epochs,
    learning_rate: learningRateOf(train),
    lr_scheduler_type: "cosine",
    warmup_steps: train.warmupSteps,
    weight_decay: train.weightDecay,
    bf16: true,
    seed: train.seed,
    save_steps: train.saveSteps,
    output_dir: "../llama-factory-model",
  };
  return [
    { path: "recipes/dataset_info.json", text: `${JSON.stringify(info, null, 2)}\n` },
    { path: "recipes/llama-factory.yaml", text: HEAD + stringify(settings, { lineWidth: 0 }) },
  ];
}
