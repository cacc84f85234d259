import { PausedError } from "../core/errors/index.ts";

export interface InterruptOptions {
  /** The first Ctrl-C: say what happens now. */
  readonly onFirst: () => void;
  /** A second one, or the first was not obeyed within `graceMs`: the process has to end now. */
  readonly onForce: () => void;
  readonly graceMs: number;
  /** Where signals come from, and what the time is: the process and its clock, but in tests. */
  readonly signals?: NodeJS.EventEmitter;
  readonly now?: () => number;
}

export interface Interrupts {
  readonly signal: AbortSignal;
  stop(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** npm, npx and our own launcher pass a Ctrl-C on that the terminal has already sent to everyone: one press, two signals. */
const SAME_PRESS_MS = 300;

/** Turns Ctrl-C, SIGTERM and a closed terminal into an AbortSignal, and a second Ctrl-C into an end at once. */
export function watchInterrupts(options: InterruptOptions): Interrupts {
  const { signals = process, now = () => performance.now() } = options;
  const controller = new AbortController();
  let firstAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const onSignal = (): void => {
    if (now() - firstAt < SAME_PRESS_MS) return;
    if (controller.signal.aborted) {
      options.onForce();
      return;
    }
    firstAt = now();
    options.onFirst();
    timer = setTimeout(options.onForce, options.graceMs);
    controller.abort(new PausedError("interrupted", "The run was interrupted."));
  };

  for (const name of SIGNALS) signals.on(name, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer);
      for (const name of SIGNALS) signals.off(name, onSignal);
    },
  };
}
