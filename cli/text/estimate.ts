import { MEASURE_IT } from "../../core/plan/assumptions.ts";
import type { PlanEstimate, StageEstimate } from "../../core/plan/estimate.ts";
import type { Range } from "../../core/plan/range.ts";
import { bytes } from "../format/bytes.ts";
import { count, rough } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { usd } from "../format/money.ts";
import { table } from "../format/table.ts";

const HOUR_MS = 3_600_000;
const MICRO = 1_000_000;

/** The whole estimate for a person: a table by stage, what it is compared with, and where each figure comes from. */
export function estimateText(estimate: PlanEstimate): string {
  const { samples, functions } = estimate;
  const of = functions === null ? "" : `, from ${count(functions)} functions`;
  const head = ["stage", "calls", "input", "cached", "output", "usd", "time", "disk"];
  const rows = [...estimate.stages, { stage: "total", ...estimate.total }].map(stageRow);
  return [
    `${count(samples.planned)} of ${count(samples.requested)} samples${of}. Figures are likely (low to high).\n`,
    basisText(estimate),
    table([head, ...rows], { right: [1, 2, 3, 4, 5, 6, 7] }),
    `\nBy stage, low to high:\n`,
    table(
      [["stage", "calls", "input", "output", "usd", "time"], ...[...estimate.stages, { stage: "total", ...estimate.total }].map(rangeRow)],
      {
        right: [1, 2, 3, 4, 5],
        indent: "  ",
      },
    ),
    cloudText(estimate),
    comparison(estimate),
    budgetText(estimate),
    estimate.notes.map((note) => `note: ${note}\n`).join(""),
    sourcesText(estimate.sources),
  ].join("");
}

function basisText({ measured, accepted }: PlanEstimate): string {
  if (measured === null) return "They rest on assumptions: no finished run with this teacher and toolset is known here.\n\n";
  const from = measured.runs.map(({ id, samples }) => `${id} (${count(samples)})`).join(", ");
  const hope = accepted === null ? "" : ` About ${count(accepted.likely)} (${span(accepted, count)}) will be accepted.`;
  return `Measured in ${count(measured.samples)} samples of earlier runs: ${from}.${hope}\n\n`;
}

/** Each source once, with the figures that rest on it; and once what can be done about assumptions. */
export function sourcesText(sources: PlanEstimate["sources"]): string {
  const bySource = Map.groupBy(sources, ({ kind, source }) => `${source.replace(`; ${MEASURE_IT}`, "")} (${kind})`);
  const parts = [...bySource].map(
    ([source, those]) => `  ${source}\n${those.map(({ figure, value }) => `    ${figure}: ${figures(value)}\n`).join("")}`,
  );
  const advice = sources.some(({ source }) => source.includes(MEASURE_IT)) ? `Assumptions of ours: ${MEASURE_IT}.\n` : "";
  return `\nWhere the figures come from:\n${parts.join("")}${advice}`;
}

/** One line for `serac run`. */
export function estimateLine({ samples, total }: PlanEstimate): string {
  const cost =
    total.usd.likely === 0 ? "no prices configured" : `${money(total.usd.likely)} (${money(total.usd.low)} to ${money(total.usd.high)})`;
  return `${count(samples.planned)} samples, about ${rough(total.calls.likely)} teacher calls, ${rough(total.inputTokens.likely)} tokens in, ${cost}`;
}

type Row = Omit<StageEstimate, "stage"> & { readonly stage: string };

const stageRow = (row: Row): string[] => [
  row.stage,
  rough(row.calls.likely),
  rough(row.inputTokens.likely),
  rough(row.cachedInputTokens.likely),
  rough(row.outputTokens.likely),
  money(row.usd.likely),
  time(row.hours.likely),
  bytes(row.diskBytes.likely),
];

const rangeRow = (row: Row): string[] => [
  row.stage,
  span(row.calls, rough),
  span(row.inputTokens, rough),
  span(row.outputTokens, rough),
  span(row.usd, money),
  span(row.hours, time),
];

function cloudText({ cloud: { usd: range, usdPerSample, machineMib, secondsPerSample, prices } }: PlanEstimate): string {
  return [
    `\nIn the cloud AWS asks ${money(range.likely)} (${span(range, money)}) beside the teacher: ${cents(usdPerSample.likely)} (${span(usdPerSample, cents)}) a sample\n`,
    `  of ${time(secondsPerSample.likely / 3600)} in machines of ${machineMib} MiB; ${prices.source}, ${prices.region}, ${prices.date}.\n`,
  ].join("");
}

function comparison({ paperUsd, trainingUsd }: PlanEstimate): string {
  const lines = paperUsd.map(({ teacher, usd: price }) => `  with ${teacher}: ${span(price, money)}\n`);
  return `\nThe same rollouts at the paper's costs:\n${lines.join("")}Training on all of it, not part of the run: ${span(trainingUsd.usd, money)}\n  (${trainingUsd.source})\n`;
}

function budgetText({ budget, samples }: PlanEstimate): string {
  if (budget === null) return "";
  const enough = budget.isEnough.high
    ? "is enough"
    : budget.isEnough.likely
      ? "is likely enough"
      : `carries about ${count(budget.samples)} of ${count(samples.planned)} samples`;
  return `The budget of ${money(budget.usd)} ${enough}; the run pauses, resumable, when it is used up.\n`;
}

const money = (dollars: number): string => usd(Math.round(dollars * MICRO));
const cents = (dollars: number): string => `$${dollars.toFixed(4)}`;
const time = (hours: number): string => duration(hours * HOUR_MS);
const plain = (value: number): string => (value >= 1000 ? rough(value) : String(Number(value.toPrecision(3))));
const span = (value: Range, text: (value: number) => string): string => `${text(value.low)} - ${text(value.high)}`;
const figures = (value: Range): string =>
  value.low === value.high ? plain(value.likely) : `${plain(value.likely)} (${plain(value.low)} to ${plain(value.high)})`;
