/** What Lambda tells a handler of one invocation, as far as it is used here. */
export interface Invocation {
  readonly awsRequestId: string;
  readonly functionName: string;
  getRemainingTimeInMillis(): number;
}

/** Until when an invocation may work. */
export interface Allowance {
  /** Milliseconds since the epoch: after it nothing new is begun. */
  readonly deadlineMs: number;
  /** Aborts what is still under way when there is just time left to write it down. */
  readonly signal: AbortSignal;
  end(): void;
}

/** A teacher's reply or a command that was begun takes a while; what is aborted has been paid for. */
const LAST_STEP_MS = 180_000;
/** To write a checkpoint and a continuation, and to close a machine. */
const LAST_WORDS_MS = 20_000;

/** At most a quarter of the time is left unused, so that short time limits work, too. */
export function allowanceOf(invocation: Invocation, now = Date.now()): Allowance {
  const leftMs = invocation.getRemainingTimeInMillis();
  const stop = new AbortController();
  const lastWordsMs = Math.min(LAST_WORDS_MS, leftMs / 8);
  const timer = setTimeout(() => stop.abort(new Error("The function's time is up.")), leftMs - lastWordsMs);
  return {
    deadlineMs: now + leftMs - Math.min(LAST_STEP_MS, leftMs / 4),
    signal: stop.signal,
    end: () => clearTimeout(timer),
  };
}
