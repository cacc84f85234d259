import { PausedError, type ErrorCode } from "../../errors/index.ts";
import type { EventSink } from "../events.ts";
import type { SampleReason } from "../sample.ts";

/** So many samples in a row that ended for the same outside reason stop the run: the rest would go the same way. */
export const FAULTS_IN_A_ROW = 5;

const OUTSIDE: Partial<Record<SampleReason, { readonly code: ErrorCode; readonly what: string; readonly hint: string }>> = {
  teacher_unreachable: {
    code: "teacher_connection",
    what: "The teacher could not be reached",
    hint: "Check the teacher, then `serac resume --retry-failed`.",
  },
  environment: {
    code: "sandbox_failed",
    what: "The sandbox failed",
    hint: "`serac show <sample>` tells how; then `serac resume --retry-failed`.",
  },
};

/** Passes events on, and aborts `signal` with a PausedError when samples fail in a row for a reason outside of them. */
export function faultBreaker(sink: EventSink): { readonly onEvent: EventSink; readonly signal: AbortSignal } {
  const breaker = new AbortController();
  let reason: SampleReason | null = null;
  let inARow = 0;
  return {
    signal: breaker.signal,
    onEvent: (event) => {
      sink(event);
      if (event.event !== "sample") return;
      inARow = event.reason !== null && event.reason === reason ? inARow + 1 : 1;
      reason = event.reason;
      const fault = reason === null ? undefined : OUTSIDE[reason];
      if (fault === undefined || inARow < FAULTS_IN_A_ROW) return;
      breaker.abort(new PausedError(fault.code, `${fault.what} for ${inARow} samples in a row.`, { hint: fault.hint }));
    },
  };
}
