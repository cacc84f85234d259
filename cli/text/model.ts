import type { ModelRecord } from "../../core/training/model.ts";
import { count, counted, rough } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { usd } from "../format/money.ts";
import { printable } from "../format/printable.ts";
import { table } from "../format/table.ts";
import { lossesText } from "./trained.ts";

/** What is shown of a model; records of the home and answers of the API are such. */
export type ShownModel = Pick<
  ModelRecord,
  "id" | "name" | "detail" | "code" | "hint" | "runId" | "repository" | "commit" | "config" | "data" | "templateSha256" | "machine" | "job"
> &
  Pick<ModelRecord, "result" | "costMicroUsd" | "createdAt"> & {
    /** As `stateWord` has it. */
    readonly state: string;
    /** Where its files lie; null until it is ready. */
    readonly location: string | null;
  };

/** A model that says it is being trained, with no process behind it, was interrupted. */
export const stateWord = (state: ModelRecord["state"], isActive: boolean): string =>
  (state === "training" || state === "preparing") && !isActive ? "interrupted" : state;

/** Where a model stands and where it comes from, for a person. */
export function modelText(model: ShownModel): string {
  const { data, config, result, machine, job, code, hint } = model;
  const why = model.detail === null ? [] : [code === null ? model.detail : `${model.detail} [${code}]`];
  const rows: (readonly [string, string] | null)[] = [
    ["run", model.runId ?? "none: its dataset came from a folder"],
    ["repository", `${model.repository}${model.commit === null ? "" : ` at ${model.commit.slice(0, 12)}`}`],
    data === null
      ? null
      : [
          "dataset",
          `${counted(data.rows, "trajectory", "trajectories")}, ${rough(data.tokens)} tokens, ${rough(data.trainedTokens)} of them trained; toolset ${data.toolset}`,
        ],
    data === null ? null : ["", `texts ${data.textsSha256}`],
    model.templateSha256 === null ? null : ["template", model.templateSha256],
    ["base", config.base + (config.revision === undefined ? "" : ` at ${config.revision}`)],
    ["method", config.method === "lora" ? `lora, rank ${config.loraRank}` : "full"],
    ["settings", settingsText(model)],
    machine === null ? null : ["machine", `${machine.nodes > 1 ? `${machine.nodes}x ` : ""}${machine.machine}, ${machine.capacity}`],
    job?.jobId == null ? null : ["job", `${job.jobId}, ${counted(job.attempts, "try", "tries")}`],
    model.costMicroUsd === null ? null : ["cost", `${usd(model.costMicroUsd)}, by serac's price table`],
    result === null
      ? null
      : ["trained", `${count(result.steps)} steps, ${rough(result.tokens)} tokens in ${duration(result.trainSeconds * 1000)}`],
    result === null ? null : ["loss", lossesText(result)],
    ...(result?.gates ?? []).map(
      ({ name, passed, detail }) => ["gate", `${name}: ${passed ? "passed" : "FAILED"}${detail === "" ? "" : `, ${detail}`}`] as const,
    ),
    model.location === null ? null : ["files", model.location],
    ["created", model.createdAt],
  ];
  const head = `${model.id}  ${model.state}${data?.rehearsal === true ? "  (rehearsal: it has learned nothing of use)" : ""}`;
  const lines = rows.filter((row) => row !== null).map(([label, text]) => `  ${label.padEnd(12)}${text}`);
  return `${[head, ...why.map((text) => `  ${text}`), ...(hint === null ? [] : [`  ${hint}`]), ...lines].map(printable).join("\n")}\n`;
}

function settingsText({ config }: ShownModel): string {
  const rate = config.learningRate ?? (config.method === "lora" ? 1e-4 : 1e-5);
  return `${config.epochs} epochs, batches of ${config.batchSize}, learning rate ${rate}, window ${count(config.contextTokens)}, seed ${config.seed}`;
}

/** A line of the list. */
export interface ListedModel {
  readonly id: string;
  readonly state: string;
  readonly base: string;
  readonly method: string;
  readonly costMicroUsd: number | null;
  readonly rehearsal: boolean | null;
  /** Losses; null where the list does not tell them. */
  readonly loss: number | null;
}

export function modelsTable(models: readonly ListedModel[]): string {
  const rows = models.map(({ id, state, base, method, costMicroUsd, rehearsal, loss }) => [
    id,
    state,
    base,
    method,
    loss === null ? "-" : loss.toFixed(4),
    costMicroUsd === null ? "-" : (costMicroUsd / 1e6).toFixed(2),
    rehearsal === true ? "rehearsal" : "",
  ]);
  return table([["model", "state", "base", "method", "loss", "usd", ""], ...rows], { right: [4, 5] });
}
