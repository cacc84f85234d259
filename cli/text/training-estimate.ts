import { likelyUsd, type MachineEstimate, type TrainingEstimate } from "../../core/training/estimate.ts";
import type { Range } from "../../core/plan/range.ts";
import { bytes } from "../format/bytes.ts";
import { rough } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { usd } from "../format/money.ts";
import { table } from "../format/table.ts";
import { sourcesText } from "./estimate.ts";

/** What a training would take, for a person: work, then hours and dollars on each machine that holds it. */
export function trainingEstimateText(estimate: TrainingEstimate): string {
  const { base, method, epochs, rows, tokens, flops, chosen, unfit, machines, prices } = estimate;
  const head = ["machine", "bought", "hours", "usd", "on demand", "GPU needs", "has"];
  const chosenText =
    chosen === null
      ? `No machine is taken: ${unfit?.message ?? "none fits"}\n${unfit?.hint == null ? "" : `  ${unfit.hint}\n`}`
      : `Taken would be ${machineText(chosen)}: about ${money(likelyUsd(chosen).likely)} (${span(likelyUsd(chosen), money)}), ${span(chosen.hours, time)}.\n`;
  return [
    `\nTraining ${base} (${method}, ${rough(estimate.trainedParameters)} of ${rough(estimate.parameters)} parameters): `,
    `${rough(rows.likely)} rows (${span(rows, rough)}), ${rough(tokens.likely)} tokens (${span(tokens, rough)}) an epoch, `,
    `${epochs} epochs: ${flops.likely.toPrecision(2)} operations.\n`,
    chosenText,
    machines.length === 0 ? "" : `\n${table([head, ...machines.map(machineRow)], { right: [2, 3, 4, 5, 6], indent: "  " })}`,
    `  Prices of ${prices.region}, ${prices.asOf}. In the hours are the machine's start and the data's preparation.\n`,
    sourcesText(estimate.sources),
  ].join("");
}

/** One line, for what starts training. */
export const trainingLine = ({ chosen, unfit }: TrainingEstimate): string =>
  chosen === null
    ? (unfit?.message ?? "no machine fits")
    : `${machineText(chosen)}, about ${time(chosen.hours.likely)}, ${money(likelyUsd(chosen).likely)} (${span(likelyUsd(chosen), money)})`;

const machineText = ({ choice: { machine, nodes, capacity } }: MachineEstimate): string =>
  `${nodes > 1 ? `${nodes}x ` : ""}${machine} (${capacity})`;

function machineRow(estimate: MachineEstimate): string[] {
  const { choice, hours, needBytes, haveBytes } = estimate;
  return [
    `${choice.nodes > 1 ? `${choice.nodes}x ` : ""}${choice.machine}`,
    choice.capacity,
    span(hours, time),
    span(likelyUsd(estimate), money),
    estimate.usd["on-demand"] === null ? "-" : money(estimate.usd["on-demand"].likely),
    bytes(needBytes),
    bytes(haveBytes),
  ];
}

const money = (dollars: number): string => usd(Math.round(dollars * 1e6));
const time = (hours: number): string => duration(hours * 3_600_000);
const span = (value: Range, text: (value: number) => string): string => `${text(value.low)} - ${text(value.high)}`;
