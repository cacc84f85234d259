import type { RunEvent, RunStage } from "../../core/svg/events.ts";
import { FINAL_STATES, type SampleReason } from "../../core/svg/sample.ts";
import type { Spend } from "../../core/svg/store.ts";
import type { RunSummary } from "../../core/svg/summary.ts";

/** What a run has done so far, folded from its events; everything that progress shows comes from here. */
export interface Tally {
  readonly runId: string;
  readonly sandbox: string;
  readonly stage: RunStage | "starting";
  readonly planned: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly failed: number;
  /** Rejected and failed samples by reason. */
  readonly reasons: ReadonlyMap<SampleReason, number>;
  readonly scored: number;
  readonly recallSum: number;
  /** Steps since this process began. */
  readonly steps: number;
  /** Times at which samples and steps of this process were done, newest last, within the window. Milliseconds. */
  readonly sampleTimes: readonly number[];
  readonly spend: Spend | null;
}

/** Rates are over this long. */
export const RATE_WINDOW_MS = 120_000;

export const EMPTY_TALLY: Tally = {
  runId: "",
  sandbox: "",
  stage: "starting",
  planned: 0,
  accepted: 0,
  rejected: 0,
  failed: 0,
  reasons: new Map(),
  scored: 0,
  recallSum: 0,
  steps: 0,
  sampleTimes: [],
  spend: null,
};

/** A run that is resumed begins with what it had. */
export function tallyOf(summary: RunSummary): Tally {
  const reasons = new Map<SampleReason, number>();
  for (const { reason, samples } of summary.counts) if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + samples);
  const scored = summary.recallHistogram.reduce((sum, samples) => sum + samples, 0);
  return {
    ...EMPTY_TALLY,
    runId: summary.runId,
    planned: summary.planned,
    accepted: summary.accepted,
    rejected: summary.rejected,
    failed: summary.failed,
    reasons,
    scored,
    recallSum: (summary.recallMean ?? 0) * scored,
    spend: summary.spend,
  };
}

export function tallied(tally: Tally, event: RunEvent, nowMs: number): Tally {
  switch (event.event) {
    case "started":
      return { ...tally, runId: event.runId, sandbox: event.sandbox };
    case "stage":
      return { ...tally, stage: event.stage };
    case "planned":
      return { ...tally, planned: event.samples };
    case "step":
      return { ...tally, steps: tally.steps + 1 };
    case "sample":
      return talliedSample(tally, event, nowMs);
    default:
      return tally;
  }
}

function talliedSample(tally: Tally, event: RunEvent & { readonly event: "sample" }, nowMs: number): Tally {
  if (!FINAL_STATES.includes(event.state)) return tally;
  const reasons = new Map(tally.reasons);
  if (event.reason !== null) reasons.set(event.reason, (reasons.get(event.reason) ?? 0) + 1);
  const recall = event.score?.recall;
  return {
    ...tally,
    accepted: tally.accepted + Number(event.state === "accepted"),
    rejected: tally.rejected + Number(event.state === "rejected"),
    failed: tally.failed + Number(event.state === "failed"),
    reasons,
    scored: tally.scored + (recall === undefined ? 0 : 1),
    recallSum: tally.recallSum + (recall ?? 0),
    sampleTimes: [...tally.sampleTimes.filter((time) => time > nowMs - RATE_WINDOW_MS), nowMs],
  };
}

/** What was finished since the look before counts as finished now. */
export function talliedSummary(tally: Tally, summary: RunSummary, nowMs: number): Tally {
  const next = tallyOf(summary);
  const more = tally.runId === "" ? 0 : Math.max(0, doneOf(next) - doneOf(tally));
  const kept = tally.sampleTimes.filter((time) => time > nowMs - RATE_WINDOW_MS);
  const { stage, sandbox, steps } = tally;
  return { ...next, stage, sandbox, steps, sampleTimes: [...kept, ...Array.from({ length: more }, () => nowMs)] };
}

export const doneOf = (tally: Tally): number => tally.accepted + tally.rejected + tally.failed;

/** Samples a minute over the window, or null while there is too little to go by. */
export function samplesPerMinute(tally: Tally, startedMs: number, nowMs: number): number | null {
  const recent = tally.sampleTimes.filter((time) => time > nowMs - RATE_WINDOW_MS).length;
  const span = Math.min(RATE_WINDOW_MS, nowMs - startedMs);
  if (recent < 2 || span < 1000) return null;
  return (recent / span) * 60_000;
}

/** Milliseconds until the plan is worked off at today's rate, or null while that is unknown. */
export function timeLeftMs(tally: Tally, startedMs: number, nowMs: number): number | null {
  const rate = samplesPerMinute(tally, startedMs, nowMs);
  const left = tally.planned - doneOf(tally);
  return rate === null || left <= 0 ? null : (left / rate) * 60_000;
}
