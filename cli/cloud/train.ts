import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { isMapping } from "../../core/config/layer.ts";
import { PausedError } from "../../core/errors/index.ts";
import type { TrainingEstimate } from "../../core/training/estimate.ts";
import type { Io } from "../io.ts";
import { printable } from "../format/printable.ts";
import type { CloudModel, ControlClient } from "../platform/cloud.ts";
import type { TrainFlags } from "../train/flags.ts";
import { trainingEstimateText, trainingLine } from "../text/training-estimate.ts";
import { trainChanges } from "../train/settings.ts";
import { findCloudRun } from "./find-run.ts";
import { openCloud } from "./open.ts";
import { detachModel, followModel } from "./follow-model.ts";

/** `serac train --cloud`: the deployment trains on a run's dataset; its own checks come before anything is spent. */
export async function cloudTrain(given: string | null, flags: TrainFlags, io: Io): Promise<void> {
  const client = await openCloud(flags, io);
  const train = await trainChanges(flags, io);
  const runId = await findCloudRun(client, given ?? "latest");
  const estimate = await estimateOf(client, runId, train);
  if (flags.estimateOnly === true) {
    if (flags.json === true) return io.out.write(`${JSON.stringify(estimate)}\n`);
    return io.out.write(estimate === null ? UNKNOWN_BASE : trainingEstimateText(estimate));
  }
  io.err.tell(estimate === null ? UNKNOWN_BASE : `${"estimate".padEnd(12)}${trainingLine(estimate)}\n`);
  await confirmed(flags, io);
  const body = { runId, ...(flags.name === undefined ? {} : { name: flags.name }), train };
  const model = await client.startModel(body, randomUUID());
  io.err.tell(startedText(client, model));
  if (flags.detach === true) await detachModel(model, flags, io);
  else await followModel(client, model, flags, io);
}

const UNKNOWN_BASE = "note: The shape of the base is not known here, so its training is not estimated.\n";

/** By the run's plan, with the deployment's own figures; null for a base whose shape its API does not know. */
async function estimateOf(
  client: ControlClient,
  runId: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<TrainingEstimate | null> {
  const { config } = await client.run(runId);
  const own: unknown = config["train"];
  const asked = { ...config, train: { ...(isMapping(own) ? own : {}), ...changes } };
  return (await client.estimate({ config: asked, functions: null, assume: false })).training;
}

function startedText({ url }: ControlClient, { id, runId, base, method }: CloudModel): string {
  const rows = [
    ["model", id],
    ["run", runId ?? ""],
    ["base", `${base}, ${method}`],
    ["cloud", url],
  ];
  return rows.map(([label = "", text = ""]) => `${label.padEnd(12)}${printable(text)}\n`).join("");
}

/** Asked where a person can answer: training costs tens to hundreds of dollars. */
async function confirmed({ yes, json }: TrainFlags, io: Io): Promise<void> {
  if (yes === true || json === true || !io.err.isTty || !process.stdin.isTTY) return;
  const asking = createInterface({ input: process.stdin, output: io.err.stream });
  try {
    const answer = await asking.question("Start it? [y/N] ");
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    asking.close();
  }
  throw new PausedError("interrupted", "Nothing was started.", { hint: "--yes starts without asking; train.maxUsd sets a limit." });
}
