import { ConflictError, SeracError } from "../errors/index.ts";
import type { RunState } from "../svg/store.ts";
import { tellRun } from "./drops/tell-run.ts";
import type { ControlPlatform } from "./platform.ts";

/** Pauses or fails a run that is in one of `from`, with a reason for a person, and lets its drop know. False when it was not. */
export async function stopRun(
  platform: ControlPlatform,
  runId: string,
  from: readonly RunState[],
  state: "paused" | "failed",
  why: unknown,
): Promise<boolean> {
  try {
    await platform.store.changeRun(runId, from, { state, detail: detailOf(why) });
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
  await tellRun(platform, runId);
  return true;
}

/** The message and what a person can do about it. */
export function detailOf(why: unknown): string {
  const message = why instanceof Error ? why.message : String(why);
  const hint = why instanceof SeracError && why.hint !== undefined ? ` ${why.hint}` : "";
  return `${message}${hint}`.slice(0, 4000);
}
