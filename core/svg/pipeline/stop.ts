import { InputError, PausedError, SeracError, TeacherError } from "../../errors/index.ts";
import { isDiskFull } from "../advance.ts";
import type { RunStore } from "../store.ts";

/** What an error that stops the run means for a person; errors that mean no pause are given back as they are. */
export function stopFor(error: unknown): unknown {
  if (error instanceof TeacherError) {
    return new PausedError(error.code, `The teacher refuses to work: ${error.message}`, { hint: error.hint, cause: error });
  }
  if (isDiskFull(error)) {
    return new PausedError("disk_full", "The disk is full.", { hint: "Free some space, then resume the run.", cause: error });
  }
  return error;
}

/** Writes down why the run stopped: bad input fails it, everything else pauses it. False when it had stopped already, or was cancelled. */
export async function writeStop(store: RunStore, runId: string, stop: unknown): Promise<boolean> {
  const detail = stop instanceof Error ? stop.message : String(stop);
  try {
    await store.changeRun(runId, ["preparing", "running"], { state: stop instanceof InputError ? "failed" : "paused", detail });
    return true;
  } catch (error) {
    // Somebody else stopped it, or the disk is full: the first error is the one to tell.
    if (error instanceof SeracError || isDiskFull(error)) return false;
    throw error;
  }
}
