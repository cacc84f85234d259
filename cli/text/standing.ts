import type { RunSummary } from "../../core/svg/summary.ts";
import { duration } from "../format/duration.ts";
import { table } from "../format/table.ts";
import { COMMAND } from "../invocation.ts";
import type { Pace } from "../pace.ts";
import { summaryText } from "./summary.ts";

/** A summary, whether somebody is working on it now, and how fast. */
export type Standing = RunSummary & Pace & { readonly active: boolean };

/** `again` is what other commands need to find the same runs, such as ` --cloud` or ` --home DIR`. */
export function standingText(standing: Standing, again: string): string {
  const next = nextStep(standing, again);
  return `${summaryText(standing)}${paceText(standing)}${next === null ? "" : `\n${next}\n`}`;
}

export function standingsTable(standings: readonly Standing[]): string {
  const rows = standings.map((run) => [
    run.runId,
    stateWord(run),
    `${run.done}/${run.planned}`,
    String(run.accepted),
    run.recallMean === null ? "-" : run.recallMean.toFixed(2),
    (run.spend.settledMicroUsd / 1e6).toFixed(2),
    run.rehearsal ? "rehearsal" : "",
  ]);
  return table([["run", "state", "done", "accepted", "recall", "usd", ""], ...rows], { right: [2, 3, 4, 5] });
}

/** A run that says it is running, with no process behind it, was killed. */
function stateWord({ state, active }: Standing): string {
  return (state === "running" || state === "preparing") && !active ? "interrupted" : state;
}

function paceText({ samplesPerMinute, etaSeconds }: Pace): string {
  if (samplesPerMinute === null || etaSeconds === null) return "";
  return `  pace        ${samplesPerMinute.toFixed(1)} samples/min, ${duration(etaSeconds * 1000)} left\n`;
}

function nextStep(standing: Standing, again: string): string | null {
  const word = stateWord(standing);
  if (word === "interrupted") return `No process is working on it. Go on with: ${COMMAND} resume ${standing.runId}${again}`;
  if (word === "paused" || word === "failed") return `Go on with: ${COMMAND} resume ${standing.runId}${again}`;
  if (standing.accepted > 0 && word !== "running") {
    return `Export it with: ${COMMAND} export ${standing.runId}${again} --out dataset`;
  }
  return null;
}
