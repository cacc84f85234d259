import type { ExportReport } from "../../core/dataset/export.ts";
import type { DatasetStatistics } from "../../core/dataset/statistics.ts";
import { count, counted, rough } from "../format/count.ts";

/** What an export wrote and what it left out. */
export function exportText(report: ExportReport): string {
  return (
    `Dataset: ${report.location}  (${report.format}${report.rehearsal ? ", rehearsal: not for real training" : ""})\n` +
    `  t1  ${datasetText(report.t1)}\n` +
    `  t2  ${datasetText(report.t2)}\n`
  );
}

function datasetText({ rows, considered, truncated, tokens, drops }: DatasetStatistics): string {
  const left = Object.entries(drops).filter(([, rollouts]) => rollouts > 0);
  return [
    `${counted(rows, "row")} of ${counted(considered, "rollout")}, ${rough(tokens.total)} tokens`,
    ...(truncated === 0 ? [] : [`${count(truncated)} cut at the window`]),
    ...(left.length === 0 ? [] : [`left out: ${left.map(([reason, rollouts]) => `${reason} ${count(rollouts)}`).join(", ")}`]),
  ].join("; ");
}
