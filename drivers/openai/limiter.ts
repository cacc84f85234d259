/** How a call went, as far as the teacher's capacity is concerned. */
export type CallOutcome = "success" | "overload" | "other";

export interface Permit {
  /** Idempotent. */
  release(outcome: CallOutcome): void;
}

export interface LimiterStatus {
  /** Calls allowed at once now. */
  readonly limit: number;
  readonly max: number;
  readonly inFlight: number;
  readonly waiting: number;
}

export interface Limiter {
  /** First come, first served. Rejects with the signal's reason when it is aborted first. */
  acquire(signal?: AbortSignal): Promise<Permit>;
  status(): LimiterStatus;
}

interface Waiter {
  readonly admit: (permit: Permit) => void;
}

/**
 * Additive increase, multiplicative decrease, as in TCP congestion control (RFC 5681): the limit halves on overload,
 * but once per round trip, since all calls that were begun before a halving tell of the same overload. It grows by one
 * after as many successes as it is wide.
 */
export function createLimiter(max: number, start: number = max): Limiter {
  const waiters = new Set<Waiter>();
  let limit = Math.max(1, Math.min(start, max));
  let inFlight = 0;
  let round = 0;
  let successes = 0;

  const issue = (): Permit => {
    const begunIn = round;
    let isReleased = false;
    inFlight += 1;
    return {
      release(outcome) {
        if (isReleased) return;
        isReleased = true;
        inFlight -= 1;
        if (begunIn === round) learn(outcome);
        admit();
      },
    };
  };

  const learn = (outcome: CallOutcome): void => {
    if (outcome === "overload") {
      limit = Math.max(1, Math.floor(limit / 2));
      successes = 0;
      round += 1;
    } else if (outcome === "success") {
      successes += 1;
      if (successes < limit) return;
      successes = 0;
      limit = Math.min(max, limit + 1);
    }
  };

  const admit = (): void => {
    for (const waiter of waiters) {
      if (inFlight >= limit) return;
      waiters.delete(waiter);
      waiter.admit(issue());
    }
  };

  return {
    acquire(signal) {
      return new Promise<Permit>((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        if (inFlight < limit && waiters.size === 0) return resolve(issue());
        const onAbort = (): void => {
          waiters.delete(waiter);
          reject(signal?.reason);
        };
        const waiter: Waiter = {
          admit(permit) {
            signal?.removeEventListener("abort", onAbort);
            resolve(permit);
          },
        };
        waiters.add(waiter);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    status: () => ({ limit, max, inFlight, waiting: waiters.size }),
  };
}
