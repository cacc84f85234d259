import { costOf } from "./cost.ts";
import type { JobReport } from "./jobs.ts";
import { failureOfJob } from "./job-failures.ts";
import { OPEN_MODEL_STATES, type ModelChange, type ModelRecord } from "./model.ts";
import type { TrainingResult } from "./read-events.ts";

/**
 * What a look at its job makes of a model; null: nothing new. Looks may come in any order, twice, or not at all: an end is an end, cost
 * and attempts only grow, and a look that is older than what is known changes nothing else. Of a model that has ended, only what its job
 * cost is still taken in. `result` is result.json, null while there is none.
 */
export function movedBy(model: ModelRecord, report: JobReport, result: TrainingResult | null, nowMs: number): ModelChange | null {
  const known = model.job?.attempts ?? 0;
  const seen = report.attempts.length;
  const costMicroUsd = costOfJob(model, report, nowMs);
  const counted: ModelChange = {
    ...(model.job !== null && seen > known ? { job: { ...model.job, attempts: seen } } : {}),
    ...(costMicroUsd > (model.costMicroUsd ?? 0) ? { costMicroUsd } : {}),
  };
  const isStale = !isOver(report) && seen < known;
  const moved = !OPEN_MODEL_STATES.includes(model.state) || isStale ? {} : movement(model, report, result);
  const change = { ...counted, ...moved };
  return Object.keys(change).length === 0 ? null : change;
}

/** By the trainer's own word, where it left one: a machine may go while its last line is on the way. */
export const endedBy = (result: TrainingResult): ModelChange =>
  result.event === "published"
    ? { state: "ready", detail: null, code: null, hint: null, result }
    : { state: "failed", detail: result.message, code: result.code, hint: result.hint };

/** By the machines that it ran on, which may have been bought in another way than was meant. */
const costOfJob = ({ machine }: ModelRecord, { attempts, capacity }: JobReport, nowMs: number): number =>
  machine === null ? 0 : costOf(attempts, { ...machine, capacity: capacity ?? machine.capacity }, nowMs);

const isOver = ({ state }: JobReport): boolean => state === "succeeded" || state === "failed" || state === "gone";

function movement(model: ModelRecord, report: JobReport, result: TrainingResult | null): ModelChange {
  if (isOver(report)) return result === null ? { state: "failed", ...failureOfJob(report, model) } : endedBy(result);
  const state = report.state === "running" ? "training" : "waiting";
  return state === model.state && report.reason === model.detail ? {} : { state, detail: report.reason };
}
