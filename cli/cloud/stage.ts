import type { RunStage } from "../../core/svg/events.ts";
import type { CloudRun } from "../platform/cloud.ts";

/** What a run is at, as far as can be seen from outside. */
export function stageOf({ state, sandbox, functions, planned, done }: CloudRun): RunStage {
  if (state !== "preparing") return planned > 0 && done === planned ? "export" : "rollouts";
  if (sandbox === null) return "snapshot";
  return functions === 0 ? "survey" : "plan";
}
