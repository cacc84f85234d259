import type { ModelRecord } from "../../core/training/model.ts";
import { bytes } from "../format/bytes.ts";
import { count, counted, rough } from "../format/count.ts";
import { localNeed, type LocalBase } from "./base.ts";
import type { ChosenTrainer } from "./choose-trainer.ts";

export interface Preparations {
  /** Its data is written. */
  readonly model: ModelRecord;
  readonly base: LocalBase;
  /** Null where nothing here trains. */
  readonly chosen: ChosenTrainer | null;
  readonly home: string;
  readonly notes: readonly string[];
}

/** What the training will work with and what it takes, before it starts. */
export function preparedText({ model, base, chosen, home, notes }: Preparations): string {
  const { config, data } = model;
  const { steps, tokens } = estimateOf(model);
  const rows: (readonly [string, string])[] = [
    ["model", model.id],
    ["dataset", datasetText(model)],
    ...notes.map((note) => ["", note] as const),
    ["base", `${config.base}, ${config.method === "lora" ? `lora of rank ${config.loraRank}` : "all weights"}`],
    ...(base.note === null ? [] : [["", base.note] as const]),
    ["trainer", trainerText(base, model, chosen)],
    ["home", home],
    [
      "estimate",
      `${counted(config.epochs, "epoch")} of ${rough(data?.tokens ?? 0)} tokens are ${rough(tokens)}, in about ${counted(steps, "step")}; a checkpoint every ${count(config.saveSteps)}`,
    ],
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}${text}\n`).join("");
}

const datasetText = ({ data, repository, runId }: ModelRecord): string =>
  data === null
    ? ""
    : `${counted(data.rows, "trajectory", "trajectories")} of ${runId ?? repository}, ${rough(data.tokens)} tokens${data.rehearsal ? " (rehearsal: teaches nothing)" : ""}`;

function trainerText(base: LocalBase, { config }: ModelRecord, chosen: ChosenTrainer | null): string {
  if (chosen === null) {
    const need = localNeed(base, config, { device: "cuda", devices: 1 });
    return `none on this machine${need === null ? "" : `; a single GPU would need about ${bytes(need)}`}`;
  }
  const { trainer, device, devices } = chosen;
  return `${trainer.name} on ${devices > 1 ? `${devices}x ` : ""}${device}${memoryText(localNeed(base, config, chosen), chosen)}`;
}

function memoryText(need: number | null, { memoryBytes }: ChosenTrainer): string {
  if (memoryBytes === null) return need === null ? "" : `; needs about ${bytes(need)}`;
  return need === null ? `, ${bytes(memoryBytes)}` : `; needs about ${bytes(need)} of ${bytes(memoryBytes)}`;
}

/** Of a model whose data is written. Rows that are held out, cut or left out make it less. */
export function estimateOf({ config, data }: ModelRecord): { readonly steps: number; readonly tokens: number } {
  const { rows, tokens } = data ?? { rows: 0, tokens: 0 };
  const share = 1 - config.heldOut;
  return {
    steps: Math.ceil((Math.ceil(rows * share) / config.batchSize) * config.epochs),
    tokens: Math.round(tokens * share * config.epochs),
  };
}
