import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSurelyUnbilled } from "../../../core/agent/paid-call.ts";
import { OutOfTime, withRetries, type RetryPolicy } from "../../../core/agent/retry.ts";
import { TeacherError } from "../../../core/errors/index.ts";
import { steppedClock } from "./support/platform.ts";

const POLICY: RetryPolicy = { attempts: 6, totalMs: 100_000, baseMs: 1000, maxDelayMs: 8000 };
const busy = (retryAfterMs?: number) =>
  new TeacherError("teacher_rate_limit", "busy", { status: 429, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

function failing(times: number, error: () => Error) {
  let tries = 0;
  const work = () => {
    tries += 1;
    return tries <= times ? Promise.reject(error()) : Promise.resolve("reply");
  };
  return { work, tries: () => tries };
}

describe("withRetries", () => {
  it("waits between 0 and a bound that doubles up to the most, never less than retry-after", async () => {
    for (const random of [0, 0.5, 0.999]) {
      const clock = steppedClock();
      await withRetries(failing(5, busy).work, POLICY, { clock, random: () => random });
      expect(clock.slept).toEqual([1000, 2000, 4000, 8000, 8000].map((bound) => Math.ceil(bound * random)));
    }
    const clock = steppedClock();
    await withRetries(failing(1, () => busy(30_000)).work, POLICY, { clock, random: () => 0 });
    expect(clock.slept).toEqual([30_000]);
  });

  it("gives up after the attempts, after the time, and at once on what a retry cannot help", async () => {
    const many = failing(99, busy);
    await expect(withRetries(many.work, POLICY, { clock: steppedClock(), random: () => 0 })).rejects.toThrow("busy");
    expect(many.tries()).toBe(6);
    const long = failing(99, () => busy(60_000));
    await expect(withRetries(long.work, POLICY, { clock: steppedClock(), random: () => 0 })).rejects.toThrow("busy");
    expect(long.tries()).toBe(2);
    for (const code of ["teacher_rejected", "teacher_auth", "teacher_model_unknown", "teacher_context_overflow"] as const) {
      const once = failing(99, () => new TeacherError(code, "no"));
      await expect(withRetries(once.work, POLICY, { clock: steppedClock(), random: () => 0 })).rejects.toThrow("no");
      expect(once.tries()).toBe(1);
    }
    const bug = failing(99, () => new Error("a bug"));
    await expect(withRetries(bug.work, POLICY, { clock: steppedClock(), random: () => 0 })).rejects.toThrow("a bug");
    expect(bug.tries()).toBe(1);
  });

  it("never sleeps past the deadline and stops when aborted", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40_000 }), fc.double({ min: 0, max: 0.99, noNaN: true }), async (room, random) => {
        const clock = steppedClock();
        const deadlineMs = clock.now() + room;
        const outcome = await withRetries(failing(4, busy).work, POLICY, { clock, random: () => random, deadlineMs }).catch(
          (error: unknown) => error,
        );
        expect(outcome === "reply" || outcome instanceof OutOfTime).toBe(true);
        expect(clock.slept.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(room);
      }),
    );
    const controller = new AbortController();
    controller.abort(new Error("stop"));
    const never = failing(0, busy);
    await expect(withRetries(never.work, POLICY, { clock: steppedClock(), random: () => 0, signal: controller.signal })).rejects.toThrow(
      "stop",
    );
    expect(never.tries()).toBe(0);
  });
});

describe("isSurelyUnbilled", () => {
  it("is true of refusals and of connections that were never made, and of nothing else", () => {
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    expect(isSurelyUnbilled(busy())).toBe(true);
    expect(isSurelyUnbilled(new TeacherError("teacher_rejected", "", { status: 422 }))).toBe(true);
    expect(isSurelyUnbilled(new TeacherError("teacher_connection", "", { cause: new Error("fetch", { cause: refused }) }))).toBe(true);
    expect(isSurelyUnbilled(new TeacherError("teacher_connection", "cut"))).toBe(false);
    expect(isSurelyUnbilled(new TeacherError("teacher_timeout", "", { status: 408 }))).toBe(false);
    expect(isSurelyUnbilled(new TeacherError("teacher_server", "", { status: 502 }))).toBe(false);
    expect(isSurelyUnbilled(new TeacherError("teacher_bad_reply", ""))).toBe(false);
  });
});
