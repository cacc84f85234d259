import { duration } from "../format/duration.ts";
import type { Printer } from "../printer.ts";
import type { Tally } from "./tally.ts";
import { joined, ratePhrase, recallPhrase, samplesPhrase, spendPhrase, timeLeftPhrase, verdictsPhrase } from "./wording.ts";
import type { ProgressView } from "./view.ts";

const BETWEEN_MS = 5000;

/** For pipes and log files: a line at each change of stage, and one every few seconds while samples move. */
export function startLines(printer: Printer, startedMs: number): ProgressView<Tally> {
  let stage: Tally["stage"] = "starting";
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    update: (tally) => {
      const nowMs = performance.now();
      const isNewStage = tally.stage !== stage;
      if (!isNewStage && (tally.stage !== "rollouts" || nowMs - lastAt < BETWEEN_MS)) return;
      stage = tally.stage;
      lastAt = nowMs;
      const line = isNewStage && tally.stage !== "rollouts" ? tally.stage : progressLine(tally, startedMs, nowMs);
      printer.tell(`[${duration(nowMs - startedMs)}] ${line}\n`);
    },
    say: (text) => printer.tell(`${text}\n`),
    stop: () => {},
  };
}

export function progressLine(tally: Tally, startedMs: number, nowMs: number): string {
  const moment = { startedMs, nowMs };
  return joined([
    tally.stage,
    tally.planned === 0 ? null : samplesPhrase(tally),
    verdictsPhrase(tally),
    recallPhrase(tally),
    ratePhrase(tally, moment),
    spendPhrase(tally),
    timeLeftPhrase(tally, moment),
  ]);
}
