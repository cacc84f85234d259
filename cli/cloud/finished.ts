import { SeracError } from "../../core/errors/index.ts";
import { counted } from "../format/count.ts";
import { COMMAND } from "../invocation.ts";
import type { CloudRun, ControlClient } from "../platform/cloud.ts";
import { summaryText } from "../text/summary.ts";
import { megabytes } from "./transfer-progress.ts";

/** The end of `serac run --cloud`: what came of it, and what to do next. */
export async function finishedText(client: ControlClient, run: CloudRun, again: string): Promise<string> {
  const lines = ["Next:"];
  const [sample] = run.accepted === 0 ? [] : (await client.listSamples(run.runId, { state: "accepted", limit: 1 })).samples;
  if (sample !== undefined) lines.push(`  ${COMMAND} show ${sample.id}${again}`);
  const dataset = await datasetText(client, run);
  if (dataset !== "") lines.push(`  ${COMMAND} export ${run.runId}${again} --out dataset`);
  if (run.failed > 0) lines.push(`  ${COMMAND} resume ${run.runId}${again} --retry-failed`);
  if (lines.length === 1) lines.push(`  ${COMMAND} status ${run.runId}${again}`);
  return `\n${summaryText(run)}\n${dataset}${lines.join("\n")}\n`;
}

async function datasetText(client: ControlClient, run: CloudRun): Promise<string> {
  try {
    const { files } = await client.dataset(run.runId);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return `Dataset: ${run.dataset ?? "in the cloud"}\n  ${counted(files.length, "file")}, ${megabytes(bytes)} MB\n\n`;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return "";
    throw error;
  }
}
