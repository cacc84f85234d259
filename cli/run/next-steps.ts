import { join } from "node:path";
import type { RunSummary } from "../../core/svg/summary.ts";
import { counted } from "../format/count.ts";
import { homeFlag, shownPath } from "../home.ts";
import { COMMAND } from "../invocation.ts";
import { summaryText } from "../text/summary.ts";
import type { WrittenDataset } from "./dataset.ts";

export interface Finish {
  readonly summary: RunSummary;
  readonly dataset: WrittenDataset;
  readonly home: string;
  /** One to look at; null when none was accepted. */
  readonly acceptedSample: string | null;
}

/** The end of `serac run`: what came of it, where it lies, and what to do next. */
export function finishedText(finish: Finish): string {
  return `\n${summaryText(finish.summary)}\n${datasetText(finish.dataset)}\n${nextSteps(finish)}`;
}

function datasetText({ directory, folders, report }: WrittenDataset): string {
  const rows = (name: "t1" | "t2", what: string): string => `  ${name}  ${counted(report[name].rows, "row")}: ${what}\n`;
  const places = folders.map((folder) => `Dataset: ${shownPath(join(directory, folder))}\n`).join("");
  return `${places}${rows("t1", "first rollouts that the judge took")}${rows("t2", "second rollouts over the threshold")}  README.md is its card\n`;
}

function nextSteps({ summary, acceptedSample, home }: Finish): string {
  const at = homeFlag(home);
  const lines = ["Next:"];
  if (acceptedSample !== null) lines.push(`  ${COMMAND} show ${acceptedSample}${at}`);
  if (summary.accepted > 0) lines.push(`  ${COMMAND} export ${summary.runId}${at} --format openai --out dataset`);
  if (summary.accepted > 0 && !summary.rehearsal) lines.push(`  ${COMMAND} train ${summary.runId}${at} --estimate-only`);
  if (summary.failed > 0) lines.push(`  ${COMMAND} resume ${summary.runId}${at} --retry-failed`);
  if (lines.length === 1) lines.push(`  ${COMMAND} status ${summary.runId}${at}`);
  return `${lines.join("\n")}\n`;
}

/** The command that goes on with a run. */
export const resumeCommand = (runId: string, home: string): string => `${COMMAND} resume ${runId}${homeFlag(home)}`;
