import type { JobAttempt } from "./jobs.ts";
import type { MachineChoice } from "./machine-choice.ts";
import { usdAnHour } from "./machines.ts";

/** AWS bills at least a minute of a machine, then seconds. */
const LEAST_SECONDS = 60;

/**
 * What the machines of all tries cost, by serac's price table, in micro-USD; spot at its likely price. A try that goes on counts until now.
 * The minutes in which a machine starts, before a try begins, are not in it.
 */
export function costOf(attempts: readonly JobAttempt[], choice: MachineChoice, nowMs: number): number {
  const usdSecond = (usdAnHour(choice.machine, choice.capacity).likely * choice.nodes) / 3600;
  const seconds = attempts.reduce((sum, attempt) => sum + secondsOf(attempt, nowMs), 0);
  return Math.round(seconds * usdSecond * 1e6);
}

function secondsOf({ startedAtMs, stoppedAtMs }: JobAttempt, nowMs: number): number {
  if (startedAtMs === null) return 0;
  return Math.max(LEAST_SECONDS, ((stoppedAtMs ?? nowMs) - startedAtMs) / 1000);
}
