import { countOpen } from "../svg/pipeline/open-samples.ts";
import { finishTaskOf } from "./messages.ts";
import type { ControlPlatform } from "./platform.ts";

/** Gives the run its end when this was the last sample. Called twice it does no harm. */
export async function finishIfDone(platform: ControlPlatform, runId: string): Promise<void> {
  if ((await countOpen(platform, runId)) === 0) await platform.queue.enqueue("finish", [finishTaskOf(runId)]);
}
