import type { RunRecord } from "../svg/store.ts";
import { finishTaskOf } from "./messages.ts";
import type { ControlPlatform } from "./platform.ts";
import { fillWindow } from "./window.ts";

/**
 * To be called when a sample has its result: the next ones get their tasks, or, after the last one, the run its end. Called twice it does no
 * harm.
 */
export async function moveOn(platform: ControlPlatform, run: RunRecord): Promise<void> {
  const { open } = await fillWindow(platform, run);
  if (open === 0) await platform.queue.enqueue("finish", [finishTaskOf(run.id)]);
}
