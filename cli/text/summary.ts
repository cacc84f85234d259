import type { RunSummary } from "../../core/svg/summary.ts";
import { count, counted, rough } from "../format/count.ts";
import { recallHistogram } from "../format/histogram.ts";
import { usd } from "../format/money.ts";

/** What a run has come to, for a person. */
export function summaryText(summary: RunSummary): string {
  const lines = [
    `${summary.runId}  ${summary.state}${summary.rehearsal ? "  (rehearsal: not for real training)" : ""}`,
    ...(summary.detail === null ? [] : [`  ${summary.detail}`]),
    `  repository  ${summary.repository}${summary.commit === null ? " (plain folder)" : ` at ${summary.commit.slice(0, 12)}`}`,
    `  samples     ${count(summary.done)} of ${count(summary.planned)} done, from ${counted(summary.functions, "function")}`,
    `  accepted    ${count(summary.accepted)}${shareOf(summary.accepted, summary.done)}`,
    `  rejected    ${count(summary.rejected)}${reasonsOf(summary, "rejected")}`,
    `  failed      ${count(summary.failed)}${reasonsOf(summary, "failed")}`,
    `  cost        ${costOf(summary)}`,
  ];
  return `${lines.join("\n")}\n${recallText(summary)}`;
}

function recallText({ recallMean, recallHistogram: bins }: RunSummary): string {
  if (recallMean === null) return "";
  const scored = bins.reduce((sum, samples) => sum + samples, 0);
  return `  recall      mean ${recallMean.toFixed(3)} over ${counted(scored, "scored sample")}\n${recallHistogram(bins, "    ")}`;
}

const shareOf = (part: number, whole: number): string => (whole === 0 ? "" : ` (${Math.round((part / whole) * 100)} %)`);

function reasonsOf(summary: RunSummary, state: "rejected" | "failed"): string {
  const reasons = summary.counts
    .filter((entry) => entry.state === state && entry.reason !== null)
    .toSorted((a, b) => b.samples - a.samples);
  return reasons.length === 0 ? "" : `  (${reasons.map(({ reason, samples }) => `${reason} ${count(samples)}`).join(", ")})`;
}

function costOf({ spend }: RunSummary): string {
  const { usage } = spend;
  const limit = spend.budgetMicroUsd === null ? "" : ` of ${usd(spend.budgetMicroUsd)}`;
  const tokens = `${rough(usage.inputTokens)} tokens in (${rough(usage.cachedInputTokens)} cached), ${rough(usage.outputTokens)} out`;
  const uncertain =
    spend.uncertainCalls === 0 ? "" : `; ${counted(spend.uncertainCalls, "call")} begun twice, which the teacher may have billed twice`;
  return `${usd(spend.settledMicroUsd)}${limit} for ${counted(spend.settledCalls, "teacher call")}: ${tokens}${uncertain}`;
}
