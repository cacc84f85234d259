import { duration } from "../../format/duration.ts";
import { barRow, type BoardStyle, fit, styled } from "../../progress/board-rows.ts";
import { joined, type Moment } from "../../progress/wording.ts";
import type { TrainingTally } from "./tally.ts";
import { checkpointPhrase, leftPhrase, lossPhrase, speedPhrase, stepsPhrase } from "./wording.ts";

/** The live board of `serac train` on a terminal: four rows, none wider than the terminal. */
export function trainingRows(tally: TrainingTally, { startedMs, nowMs }: Moment, style: BoardStyle): string[] {
  const share = tally.steps === 0 ? null : tally.step / tally.steps;
  const rows = [
    joined([tally.modelId, tally.stage, tally.device === "" ? null : tally.device, duration(nowMs - startedMs)]),
    barRow(share, stepsPhrase(tally), style),
    lossPhrase(tally) ?? "",
    joined([speedPhrase(tally), checkpointPhrase(tally), leftPhrase(tally)]),
  ];
  return styled(
    rows.map((row) => fit(row, style.columns - 1)),
    style,
  );
}
