import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { allowanceOf, type Invocation } from "../../../lambdas/invocation.ts";

const withLeft = (leftMs: number): Invocation => ({
  awsRequestId: "1",
  functionName: "worker",
  getRemainingTimeInMillis: () => leftMs,
});

describe("until when an invocation may work", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("of fifteen minutes twelve are for new steps, and the last twenty seconds for writing down", () => {
    const allowance = allowanceOf(withLeft(900_000), 1_000_000);
    expect(allowance.deadlineMs).toBe(1_000_000 + 720_000);
    vi.advanceTimersByTime(879_999);
    expect(allowance.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(allowance.signal.aborted).toBe(true);
  });

  test("of any time most is used, and the deadline comes before the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 900_000 }), (leftMs) => {
        const allowance = allowanceOf(withLeft(leftMs), 0);
        expect(allowance.deadlineMs).toBeGreaterThanOrEqual(leftMs * 0.75);
        expect(allowance.deadlineMs).toBeLessThan(leftMs);
        vi.advanceTimersByTime(allowance.deadlineMs);
        expect(allowance.signal.aborted).toBe(false);
        vi.advanceTimersByTime(leftMs - allowance.deadlineMs);
        expect(allowance.signal.aborted).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("an invocation that has ended is not stopped any more, and keeps no timer", () => {
    const allowance = allowanceOf(withLeft(1000), 0);
    allowance.end();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2000);
    expect(allowance.signal.aborted).toBe(false);
  });
});
