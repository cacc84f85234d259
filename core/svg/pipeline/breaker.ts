import type { SeracConfig } from "../../config/schema.ts";
import { PausedError, type ErrorCode } from "../../errors/index.ts";
import type { EventSink } from "../events.ts";
import type { SampleReason, SampleState } from "../sample.ts";
import { isTooLong, rowAfter, type Standing } from "./fault-row.ts";

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

/** Passes events on, and aborts `signal` with a PausedError when too many samples fail in a row for a reason outside of them. */
export function faultBreaker(
  config: Pick<SeracConfig, "teacher">,
  sink: EventSink,
): { readonly onEvent: EventSink; readonly signal: AbortSignal } {
  const breaker = new AbortController();
  let start: Standing = { faults: 0, progress: [0] };
  let faults = 0;
  let progress = 0;
  return {
    signal: breaker.signal,
    onEvent: (event) => {
      sink(event);
      if (event.event !== "sample" || BEGINNINGS.includes(event.state)) return;
      if (!isOutsideFault(event.reason)) {
        progress += 1;
        return;
      }
      faults += 1;
      const row = rowAfter(start, { faults, progress: [progress] });
      start = row.start;
      if (isTooLong(row, config)) breaker.abort(tooManyFaults(event.reason, row.inARow));
    },
  };
}
