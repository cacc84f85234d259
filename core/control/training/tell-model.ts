import type { ModelRecord } from "../../training/model.ts";
import { tellRun } from "../drops/tell-run.ts";
import type { ControlPlatform } from "../platform.ts";

/** To be called when a model has changed its state: the drop whose run had it trained says how it stands. */
export async function tellModel(platform: ControlPlatform, { id, runId }: ModelRecord): Promise<void> {
  const run = runId === null ? null : await platform.store.getRun(runId);
  if (run?.model?.id === id) await tellRun(platform, run.id);
}
