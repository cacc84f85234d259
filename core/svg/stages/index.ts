import { SeracError } from "../../errors/index.ts";
import type { SampleState } from "../sample.ts";
import { describeStage } from "./describe.ts";
import { firstStage } from "./first.ts";
import { planStage } from "./plan.ts";
import { secondStage } from "./second.ts";
import type { Stage } from "./stage.ts";
import { acceptStage } from "./accept.ts";
import { startSecondStage } from "./start-second.ts";

const STAGES: Partial<Record<SampleState, Stage>> = {
  planned: planStage,
  first: firstStage,
  judged: describeStage,
  described: startSecondStage,
  second: secondStage,
  scored: acceptStage,
};

export function stageFor(state: SampleState): Stage {
  const stage = STAGES[state];
  if (stage === undefined) throw new SeracError("state_conflict", `No stage goes on from state ${state}.`);
  return stage;
}
