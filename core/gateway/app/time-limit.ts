import type { ClientError } from "../client/client-error.ts";
import type { Clock } from "../../errors/clock.ts";
import { setAlarm } from "./alarm.ts";
import type { Call } from "./call.ts";
import { clientError } from "./problem.ts";

/** Stops the call with `error` when `work` takes longer than `ms` from now. */
export async function withinTime<T>(clock: Clock, call: Call, ms: number, error: ClientError, work: () => Promise<T>): Promise<T> {
  const endMs = clock.now() + ms;
  const alarm = setAlarm(clock, [{ at: () => (call.signal.aborted ? Infinity : endMs), ring: () => call.stop(error) }]);
  try {
    return await work();
  } finally {
    alarm.stop();
  }
}

/** Said before a proxy cuts an answer without a word. A client that repeats the request joins the same wake-up. */
export const tookTooLong = (totalMs: number): ClientError =>
  clientError(529, "overloaded_error", `The answer was not complete after ${Math.round(totalMs / 1000)} s.`, { retryAfterSeconds: 5 });
