import { InputError } from "../../errors/index.ts";
import type { RunRecord, RunStore } from "../store.ts";

export async function loadRun(store: RunStore, runId: string): Promise<RunRecord> {
  const run = await store.getRun(runId);
  if (run !== null) return run;
  throw new InputError("run_unknown", `There is no run ${runId} here.`, { hint: "`serac status` lists the runs of this home." });
}
