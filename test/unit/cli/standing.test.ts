import { expect, test } from "vitest";
import { NO_PACE } from "../../../cli/pace.ts";
import { type Standing, standingText } from "../../../cli/text/standing.ts";
import { runSummary } from "./run-summary.ts";

const standing = (change: Partial<Standing>): Standing => ({ ...runSummary(), ...NO_PACE, active: false, ...change });

test("where a run stands ends with the command that goes on, where the run can be found", () => {
  const id = runSummary().runId;
  expect(standingText(standing({ state: "paused" }), " --home x")).toMatch(new RegExp(`Go on with: .+ resume ${id} --home x\\n$`));
  expect(standingText(standing({ state: "running" }), "")).toMatch(new RegExp(`No process is working on it.+ resume ${id}\\n$`));
  expect(standingText(standing({ state: "finished", accepted: 2 }), " --cloud")).toMatch(
    new RegExp(`Export it with: .+ export ${id} --cloud --out dataset\\n$`),
  );
  expect(standingText(standing({ state: "running", active: true, accepted: 2 }), "")).not.toContain(" export ");
});
