import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchInterrupts } from "../../../cli/interrupts.ts";
import { PausedError } from "../../../core/errors/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const signals = new EventEmitter();
  const calls: string[] = [];
  let nowMs = 0;
  const interrupts = watchInterrupts({
    signals,
    now: () => nowMs,
    graceMs: 2500,
    onFirst: () => calls.push("first"),
    onForce: () => calls.push("force"),
  });
  const press = (name: string, atMs: number): void => {
    nowMs = atMs;
    signals.emit(name);
  };
  return { signals, calls, interrupts, press };
}

test("the first Ctrl-C asks for a stop, the second ends at once", () => {
  const { calls, interrupts, press } = watched();
  expect(interrupts.signal.aborted).toBe(false);
  press("SIGINT", 1000);
  expect(interrupts.signal.reason).toBeInstanceOf(PausedError);
  expect(calls).toEqual(["first"]);
  press("SIGINT", 2000);
  expect(calls).toEqual(["first", "force"]);
});

test("one press that arrives twice, from the terminal and from npm, is one press", () => {
  const { calls, press } = watched();
  press("SIGINT", 1000);
  press("SIGINT", 1010);
  press("SIGTERM", 1250);
  expect(calls).toEqual(["first"]);
});

test("a stop that takes too long is forced", () => {
  const { calls, press } = watched();
  press("SIGTERM", 0);
  vi.advanceTimersByTime(2499);
  expect(calls).toEqual(["first"]);
  vi.advanceTimersByTime(1);
  expect(calls).toEqual(["first", "force"]);
});

test("a stop in time is not forced, and nothing is listened to any more", () => {
  const { signals, calls, interrupts, press } = watched();
  press("SIGHUP", 0);
  interrupts.stop();
  vi.advanceTimersByTime(10_000);
  press("SIGINT", 20_000);
  expect(calls).toEqual(["first"]);
  expect(signals.eventNames()).toEqual([]);
});
