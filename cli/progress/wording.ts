import { count } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { usd } from "../format/money.ts";
import { doneOf, samplesPerMinute, timeLeftMs, type Tally } from "./tally.ts";

/** The parts of a progress report, each a short phrase. */

export interface Moment {
  readonly startedMs: number;
  readonly nowMs: number;
}

export function samplesPhrase(tally: Tally): string {
  if (tally.planned === 0) return tally.stage;
  return `${count(doneOf(tally))}/${count(tally.planned)} samples`;
}

export function verdictsPhrase(tally: Tally, mostReasons = 4): string {
  const parts = [`accepted ${count(tally.accepted)}`, `rejected ${count(tally.rejected)}`];
  if (tally.failed > 0) parts.push(`failed ${count(tally.failed)}`);
  const reasons = [...tally.reasons].toSorted(([, a], [, b]) => b - a);
  const shown = reasons.slice(0, mostReasons).map(([reason, samples]) => `${reason} ${count(samples)}`);
  if (reasons.length > mostReasons) shown.push("…");
  return parts.join(" · ") + (shown.length === 0 ? "" : ` (${shown.join(", ")})`);
}

export function recallPhrase(tally: Tally): string | null {
  return tally.scored === 0 ? null : `recall ${(tally.recallSum / tally.scored).toFixed(2)}`;
}

export function spendPhrase(tally: Tally): string | null {
  if (tally.spend === null) return null;
  const { settledCalls, settledMicroUsd, budgetMicroUsd } = tally.spend;
  const spent = budgetMicroUsd === null ? usd(settledMicroUsd) : `${usd(settledMicroUsd)} of ${usd(budgetMicroUsd)}`;
  return `${count(settledCalls)} calls · spent ${spent}`;
}

export function ratePhrase(tally: Tally, { startedMs, nowMs }: Moment): string | null {
  const rate = samplesPerMinute(tally, startedMs, nowMs);
  return rate === null ? null : `${rate >= 10 ? rate.toFixed(0) : rate.toFixed(1)} samples/min`;
}

export function timeLeftPhrase(tally: Tally, { startedMs, nowMs }: Moment): string | null {
  const left = timeLeftMs(tally, startedMs, nowMs);
  return left === null ? null : `${duration(left)} left`;
}

export const joined = (phrases: readonly (string | null)[]): string => phrases.filter((phrase) => phrase !== null).join(" · ");
