import type { Clock } from "../../errors/clock.ts";
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

export function createPatience(clock: Clock, call: Call, totalMs: number): Patience {
  let expected = Infinity;
  let untilMs = Infinity;
  const unlessStopped = (at: number): number => (call.signal.aborted ? Infinity : at);
  const alarm = setAlarm(clock, [
    { at: () => unlessStopped(untilMs), ring: () => call.stop(SILENT) },
    { at: () => unlessStopped(call.startedMs + totalMs), ring: () => call.stop(tookTooLong(totalMs)) },
  ]);
  return {
    expect: (ms) => {
      untilMs = clock.now() + ms;
      // The same again only moves the moment away, and that happens with every token.
      if (ms === expected) return;
      expected = ms;
      alarm.look();
    },
    end: () => alarm.stop(),
  };
}
