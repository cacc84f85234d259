import { PausedError, type ErrorCode } from "../../errors/index.ts";
import type { EventSink } from "../events.ts";
import type { SampleReason, SampleState } from "../sample.ts";

/** So many samples in a row that ended for the same outside reason stop the run: the rest would go the same way. */
export const FAULTS_IN_A_ROW = 5;

export const OUTSIDE_FAULTS = ["teacher_unreachable", "environment"] as const satisfies readonly SampleReason[];
export type OutsideFault = (typeof OUTSIDE_FAULTS)[number];

const FAULTS: Record<OutsideFault, { readonly code: ErrorCode; readonly what: string; readonly hint: string }> = {
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

/** A reason that lies outside of the sample: another one would have met it, too. */
export const isOutsideFault = (reason: SampleReason | null): reason is OutsideFault =>
  reason !== null && (OUTSIDE_FAULTS as readonly SampleReason[]).includes(reason);

export function tooManyFaults(reason: OutsideFault, inARow: number): PausedError {
  const { code, what, hint } = FAULTS[reason];
  return new PausedError(code, `${what} for ${inARow} samples in a row.`, { hint });
}

/** A rollout that begins says nothing of the teacher or the sandbox yet. */
const BEGINNINGS: readonly SampleState[] = ["first", "second"];

/** Passes events on, and aborts `signal` with a PausedError when samples fail in a row for a reason outside of them. */
export function faultBreaker(sink: EventSink): { readonly onEvent: EventSink; readonly signal: AbortSignal } {
  const breaker = new AbortController();
  let reason: SampleReason | null = null;
  let inARow = 0;
  return {
    signal: breaker.signal,
    onEvent: (event) => {
      sink(event);
      if (event.event !== "sample" || BEGINNINGS.includes(event.state)) return;
      inARow = event.reason !== null && event.reason === reason ? inARow + 1 : 1;
      reason = event.reason;
      if (isOutsideFault(reason) && inARow >= FAULTS_IN_A_ROW) breaker.abort(tooManyFaults(reason, inARow));
    },
  };
}
