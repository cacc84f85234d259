import type { Acceptance, RunAcceptance } from "../acceptance.ts";
import type { DropReason } from "../select/filter.ts";
import type { DatasetStatistics } from "../statistics.ts";
import type { CardInput } from "./card-input.ts";
import { code, table } from "./table.ts";

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const percent = (part: number, all: number): string => (all === 0 ? "-" : `${((100 * part) / all).toFixed(1)} %`);

export function datasetSection({ t1, t2, options }: CardInput): string {
  const { filters } = options;
  const rules: readonly (readonly [DropReason, string])[] = [
    ["not_submitted", filters.includeUnsubmitted ? "exit status other than `submitted` (let in)" : "exit status other than `submitted`"],
    ["duplicate", "the same first patch as an earlier sample"],
    ["patch_lines", `more than ${filters.maxPatchLines} added and deleted lines`],
    ["observation_tokens", `more than ${filters.meanObservationTokens} tokens an observation on average`],
    ["kept_ratio", `less than ${filters.minKeptRatio} of the messages fit into ${whole(filters.contextTokens)} tokens`],
    ["unwritable", "cannot be written in this format"],
    ["unreadable", "the stored trajectory is damaged or missing"],
    [
      "not_selected",
      options.maxSamples === null
        ? "not selected (all were wanted)"
        : `not among the ${whole(options.maxSamples)} selected (\`${options.select}\`)`,
    ],
  ];
  const rows = [
    ["Rollouts considered", whole(t1.considered), whole(t2.considered)],
    ...rules.map(([reason, rule]) => [`Left out: ${rule}`, whole(t1.drops[reason]), whole(t2.drops[reason])]),
    ["**Rows**", `**${whole(t1.rows)}**`, `**${whole(t2.rows)}**`],
    ["of these cut at the context limit", whole(t1.truncated), whole(t2.truncated)],
  ];
  return `## What is in it\n\n${table(["", "T1", "T2"], rows)}`;
}

export function acceptanceSection({ all, byKind, byLanguage }: RunAcceptance): string {
  const rows = (tallies: ReadonlyMap<string, Acceptance>): readonly (readonly string[])[] =>
    [...tallies]
      .toSorted(([a, x], [b, y]) => y.samples - x.samples || (a < b ? -1 : 1))
      .map(([name, { samples, accepted }]) => [code(name), whole(samples), whole(accepted), percent(accepted, samples)]);
  const head = ["samples", "accepted", "share"];
  return `## Acceptance

${whole(all.accepted)} of ${whole(all.samples)} finished samples were accepted (${percent(all.accepted, all.samples)}).

${table(["language", ...head], rows(byLanguage))}

${table(["bug kind", ...head], rows(byKind))}`;
}

export function recallSection(t1: DatasetStatistics, t2: DatasetStatistics): string {
  const rows = t1.recallHistogram.map((count, bin) => {
    const range = `${(bin / 10).toFixed(1)} to ${((bin + 1) / 10).toFixed(1)}`;
    return [range, whole(count), whole(t2.recallHistogram[bin]!)];
  });
  const mean = (of: DatasetStatistics): string => of.recallMean?.toFixed(3) ?? "-";
  return `## Recall

How much of the first patch the second rollout repeated, over the rows that were scored.

${table(["recall", "T1", "T2"], [...rows, ["mean", mean(t1), mean(t2)]])}`;
}

export function tokenSection({ t1, t2, counting }: CardInput): string {
  const rows = ([name, t]: readonly [string, (of: DatasetStatistics) => number]): readonly string[] => [name, whole(t(t1)), whole(t(t2))];
  const measures: readonly (readonly [string, (of: DatasetStatistics) => number])[] = [
    ["tokens in all", (of) => of.tokens.total],
    ["of these trained on", (of) => of.trainedTokens],
    ["mean a row", (of) => of.tokens.mean],
    ["median", (of) => of.tokens.median],
    ["90th percentile", (of) => of.tokens.p90],
    ["longest row", (of) => of.tokens.max],
    ["steps in all", (of) => of.steps],
  ];
  const usd = (of: DatasetStatistics): string => (of.costMicroUsd / 1_000_000).toFixed(2);
  return `## Size and cost

Tokens are exact counts of the ${code(counting.tokenizer.name)} vocabulary over the ${code(counting.format.counted.name)} text. The cost is that of the rollouts in the rows.

${table(["", "T1", "T2"], [...measures.map(rows), ["teacher cost, USD", usd(t1), usd(t2)]])}`;
}
