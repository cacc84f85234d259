import { PausedError } from "../../errors/index.ts";
import type { EventSink } from "../events.ts";

/** So many samples in a row that ended because the teacher could not be reached stop the run: the rest would go the same way. */
export const UNREACHABLE_IN_A_ROW = 5;

/** Passes events on, and aborts `signal` with a PausedError when the teacher is surely away. */
export function teacherBreaker(sink: EventSink): { readonly onEvent: EventSink; readonly signal: AbortSignal } {
  const breaker = new AbortController();
  let inARow = 0;
  return {
    signal: breaker.signal,
    onEvent: (event) => {
      sink(event);
      if (event.event !== "sample") return;
      inARow = event.reason === "teacher_unreachable" ? inARow + 1 : 0;
      if (inARow >= UNREACHABLE_IN_A_ROW) {
        breaker.abort(
          new PausedError("teacher_connection", `The teacher could not be reached for ${inARow} samples in a row.`, {
            hint: "Check the teacher, then resume with --retry-failed.",
          }),
        );
      }
    },
  };
}
