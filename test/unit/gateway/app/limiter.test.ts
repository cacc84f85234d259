import fc from "fast-check";
import { expect, test } from "vitest";
import type { KeyRecord } from "../../../../core/gateway/keys.ts";
import { createLimiter } from "../../../../core/gateway/limiter.ts";
import { steppedClock } from "./stepped-clock.ts";

const key = (id: string, requestsPerMinute: number | null, tokensPerMinute: number | null = null): KeyRecord => ({
  id,
  sha256: "0".repeat(64),
  isRevoked: false,
  requestsPerMinute,
  tokensPerMinute,
  capture: false,
});

test("a minute's requests are let through at once, the next one after its share of the minute", async () => {
  const clock = steppedClock();
  const limiter = createLimiter(clock);
  const slow = key("slow", 3);
  for (let n = 0; n < 3; n++) expect(await limiter.admit(slow)).toBe("admitted");
  expect(await limiter.admit(slow)).toEqual({ retryAfterSeconds: 20 });
  await clock.pass(19_000);
  expect(await limiter.admit(slow)).toEqual({ retryAfterSeconds: 1 });
  await clock.pass(1_000);
  expect(await limiter.admit(slow)).toBe("admitted");
});

test("keys do not share a limit, and a key without limits is never refused", async () => {
  const limiter = createLimiter(steppedClock());
  const one = key("one", 1);
  await limiter.admit(one);
  expect(await limiter.admit(one)).not.toBe("admitted");
  expect(await limiter.admit(key("two", 1))).toBe("admitted");
  const free = key("free", null);
  for (let n = 0; n < 100; n++) {
    await limiter.use(free, 1e9);
    expect(await limiter.admit(free)).toBe("admitted");
  }
});

test("an answer may overdraw the tokens; then the key waits until the debt has come back", async () => {
  const clock = steppedClock();
  const limiter = createLimiter(clock);
  const small = key("small", null, 1_000);
  expect(await limiter.admit(small)).toBe("admitted");
  await limiter.use(small, 1_999);
  expect(await limiter.admit(small)).toEqual({ retryAfterSeconds: 60 });
  await clock.pass(60_000);
  expect(await limiter.admit(small)).toBe("admitted");
});

test("a debt is remembered longer than the minute after which idle keys are forgotten", async () => {
  const clock = steppedClock();
  const limiter = createLimiter(clock);
  const small = key("small", null, 1_000);
  await limiter.use(small, 10_000);
  await clock.pass(120_000);
  await limiter.admit(key("other", 1));
  expect(await limiter.admit(small)).not.toBe("admitted");
});

test("a limit of nothing lets nothing through", async () => {
  const limiter = createLimiter(steppedClock());
  expect(await limiter.admit(key("shut", 0))).toEqual({ retryAfterSeconds: 60 });
  expect(await limiter.admit(key("mute", null, 0))).toEqual({ retryAfterSeconds: 60 });
});

test("whatever the pace, no window of minutes lets more through than its minutes allow and one bucket", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 40 }),
      async (limit, gaps) => {
        const clock = steppedClock();
        const limiter = createLimiter(clock);
        const paced = key("paced", limit);
        let admitted = 0;
        let passedMs = 0;
        for (const gap of gaps) {
          await clock.pass(gap);
          passedMs += gap;
          const verdict = await limiter.admit(paced);
          if (verdict === "admitted") admitted += 1;
        }
        expect(admitted).toBeLessThanOrEqual(limit + (limit * passedMs) / 60_000 + 1e-6);
      },
    ),
    { numRuns: 25 },
  );
});

test("who waits as long as told is let through", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 0, max: 5_000 }), async (limit, used) => {
      const clock = steppedClock();
      const limiter = createLimiter(clock);
      const patient = key("patient", limit, 100);
      for (let n = 0; n < limit; n++) await limiter.admit(patient);
      await limiter.use(patient, used);
      const verdict = await limiter.admit(patient);
      if (verdict === "admitted") throw new Error("The bucket holds more than its limit.");
      await clock.pass(verdict.retryAfterSeconds * 1_000);
      expect(await limiter.admit(patient)).toBe("admitted");
    }),
    { numRuns: 25 },
  );
});
