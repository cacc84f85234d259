import type { Clock } from "../../errors/clock.ts";

/** Something that is due at a moment, which may move while time goes by. */
export interface Due {
  /** Milliseconds since the epoch; Infinity for never. */
  at(): number;
  ring(): void;
}

export interface Alarm {
  /** Looks again: a moment has come nearer. One that moves away needs no call. */
  look(): void;
  stop(): void;
}

/** One sleeper for all moments of a request, however often they move: a timer for each token would cost more than the token. */
export function setAlarm(clock: Clock, dues: readonly Due[]): Alarm {
  const state = { isStopped: false };
  let sleep = new AbortController();
  let wakesAt = Infinity;

  const next = (): number => Math.min(...dues.map((due) => due.at()));
  const run = async (): Promise<void> => {
    while (!state.isStopped) {
      const now = clock.now();
      // At least a moment, so that a ring that moves nothing can never keep the process busy.
      const ms = Math.min(Math.max(next() - now, 1), LONGEST_MS);
      wakesAt = now + ms;
      await clock.sleep(ms, sleep.signal).catch(() => {});
      if (sleep.signal.aborted) sleep = new AbortController();
      for (const due of dues) if (!state.isStopped && due.at() <= clock.now()) due.ring();
    }
  };
  void run();
  return {
    look: () => {
      if (next() < wakesAt) sleep.abort(WOKEN);
    },
    stop: () => {
      state.isStopped = true;
      sleep.abort(WOKEN);
    },
  };
}

/** Node's timers take no more. */
const LONGEST_MS = 2_147_483_647;

const WOKEN = new Error("Woken.");
