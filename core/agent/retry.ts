import type { Clock } from "../errors/clock.ts";
import { TeacherError } from "../errors/index.ts";

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** No try begins later than this after the first one. */
  readonly totalMs: number;
  readonly baseMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 10, totalMs: 20 * 60_000, baseMs: 1_000, maxDelayMs: 60_000 };

export interface RetryDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch: instead of a wait that would end later, OutOfTime is thrown. */
  readonly deadlineMs?: number;
  /** Sees every error before the wait that follows it, the last one included. */
  readonly onError?: (error: TeacherError) => Promise<void>;
}

/** The next try would come after the deadline; it can be made by whoever goes on. */
export class OutOfTime extends Error {}

/**
 * Calls until it works. Waits a random time between 0 and a doubling bound ("full jitter"), and never less than the
 * teacher's retry-after asks for. Throws the last error when it cannot be retried, or when tries or time are used up;
 * anything that is no TeacherError is thrown at once.
 */
export async function withRetries<T>(work: () => Promise<T>, policy: RetryPolicy, deps: RetryDeps): Promise<T> {
  const { clock, signal } = deps;
  const startedMs = clock.now();
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TeacherError)) throw error;
      await deps.onError?.(error);
      const delayMs = delayAfter(error, attempt, policy, deps.random());
      const wakesMs = clock.now() + delayMs;
      if (!error.isRetryable || attempt >= policy.attempts || wakesMs > startedMs + policy.totalMs) throw error;
      if (wakesMs > (deps.deadlineMs ?? Infinity)) throw new OutOfTime("The next try would come after the deadline.", { cause: error });
      await clock.sleep(delayMs, signal);
    }
  }
}

/** Full jitter: Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015). */
function delayAfter(error: TeacherError, attempt: number, policy: RetryPolicy, random: number): number {
  const bound = Math.min(policy.maxDelayMs, policy.baseMs * 2 ** (attempt - 1));
  return Math.ceil((error.retryAfterMs ?? 0) + random * bound);
}
