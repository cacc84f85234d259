import type { Clock } from "../../errors/clock.ts";
import type { Due } from "./alarm.ts";
import { setAlarm } from "./alarm.ts";
import type { Call } from "./call.ts";
import { clientError } from "./problem.ts";
import { tookTooLong } from "./time-limit.ts";

/** Stops a call whose server is silent for too long, or that takes too long altogether. */
export interface Patience {
  /** The server has to show itself within `ms` from now; Infinity while it is not its turn. */
  expect(ms: number): void;
  /** The call is over. */
  end(): void;
}

const SILENT = clientError(504, "timeout_error", "The model server did not answer in time.");

/** `others`: what else is due while the call lasts, so that one sleeper serves all of it. */
export function createPatience(clock: Clock, call: Call, totalMs: number, others: readonly Due[] = []): Patience {
  let untilMs = Infinity;
  const unlessStopped = (at: number): number => (call.signal.aborted ? Infinity : at);
  const alarm = setAlarm(clock, [
    { at: () => unlessStopped(untilMs), ring: () => call.stop(SILENT) },
    { at: () => unlessStopped(call.startedMs + totalMs), ring: () => call.stop(tookTooLong(totalMs)) },
    ...others,
  ]);
  return {
    expect: (ms) => {
      const before = untilMs;
      untilMs = clock.now() + ms;
      // With every token it only moves away.
      if (untilMs < before) alarm.look();
    },
    end: () => alarm.stop(),
  };
}
