import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallOutcome, Permit } from "../../../drivers/openai/limiter.ts";
import { createLimiter } from "../../../drivers/openai/limiter.ts";

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

async function take(limiter: ReturnType<typeof createLimiter>, count: number): Promise<Permit[]> {
  return Promise.all(Array.from({ length: count }, () => limiter.acquire()));
}

describe("createLimiter", () => {
  it("halves once for all calls of one round trip", async () => {
    const limiter = createLimiter(32);
    const permits = await take(limiter, 32);
    for (const permit of permits) permit.release("overload");
    expect(limiter.status()).toEqual({ limit: 16, max: 32, inFlight: 0, waiting: 0 });
  });

  it("halves again for a call that was begun after the halving", async () => {
    const limiter = createLimiter(32);
    for (const limit of [16, 8, 4, 2, 1, 1]) {
      const [permit] = await take(limiter, 1);
      permit?.release("overload");
      expect(limiter.status().limit).toBe(limit);
    }
  });

  it("grows by one for as many successes as it is wide, up to the maximum", async () => {
    const limiter = createLimiter(4, 2);
    const limits: number[] = [];
    for (let call = 0; call < 12; call += 1) {
      const [permit] = await take(limiter, 1);
      permit?.release("success");
      limits.push(limiter.status().limit);
    }
    expect(limits).toEqual([2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]);
  });

  it("learns nothing from other failures, nor from successes that began before a halving", async () => {
    const limiter = createLimiter(8, 2);
    const [early, failing] = await take(limiter, 2);
    failing?.release("overload");
    early?.release("success");
    expect(limiter.status().limit).toBe(1);
    const [other] = await take(limiter, 1);
    other?.release("other");
    expect(limiter.status().limit).toBe(1);
  });

  it("releases a permit once", async () => {
    const limiter = createLimiter(2);
    const [permit] = await take(limiter, 1);
    permit?.release("other");
    permit?.release("overload");
    expect(limiter.status()).toEqual({ limit: 2, max: 2, inFlight: 0, waiting: 0 });
  });

  it("rejects with the signal's reason, also when aborted beforehand, and goes on with the others", async () => {
    const limiter = createLimiter(1);
    const [running] = await take(limiter, 1);
    const controller = new AbortController();
    const waiting = limiter.acquire(controller.signal);
    const next = limiter.acquire();
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(limiter.acquire(controller.signal)).rejects.toThrow("enough");
    running?.release("other");
    (await next).release("other");
    expect(limiter.status().inFlight).toBe(0);
  });

  it("never exceeds its limit, serves in order, and loses nobody (any sequence of events)", async () => {
    type Event =
      | { readonly kind: "call" }
      | { readonly kind: "abort" }
      | { readonly kind: "end"; readonly outcome: CallOutcome; readonly which: number };
    const event: fc.Arbitrary<Event> = fc.oneof(
      { weight: 3, arbitrary: fc.constant<Event>({ kind: "call" }) },
      { weight: 1, arbitrary: fc.constant<Event>({ kind: "abort" }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("end" as const),
          outcome: fc.constantFrom<CallOutcome>("success", "overload", "other"),
          which: fc.nat(50),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.array(event, { maxLength: 60 }), async (max, events) => {
        const limiter = createLimiter(max);
        const running: Permit[] = [];
        const waiting: { id: number; abort: AbortController }[] = [];
        const admitted: number[] = [];
        const aborted: number[] = [];
        let calls = 0;
        for (const each of events) {
          if (each.kind === "call") {
            const id = calls;
            calls += 1;
            const abort = new AbortController();
            waiting.push({ id, abort });
            const leave = (): void => {
              waiting.splice(
                waiting.findIndex((one) => one.id === id),
                1,
              );
            };
            limiter.acquire(abort.signal).then(
              (permit) => {
                leave();
                admitted.push(id);
                running.push(permit);
              },
              () => {
                leave();
                aborted.push(id);
              },
            );
          } else if (each.kind === "abort") waiting.at(-1)?.abort.abort();
          else running.splice(each.which % Math.max(1, running.length), 1)[0]?.release(each.outcome);
          const before = limiter.status().inFlight;
          await settle();
          const { limit, inFlight } = limiter.status();
          expect(limit).toBeGreaterThanOrEqual(1);
          expect(limit).toBeLessThanOrEqual(max);
          expect(inFlight).toBe(running.length);
          // A halving may leave more running than allowed, but none is admitted on top of that.
          expect(inFlight).toBeLessThanOrEqual(Math.max(limit, before));
          // Nobody waits while there is room.
          expect(waiting.length === 0 || inFlight >= limit).toBe(true);
        }
        expect(admitted).toEqual(admitted.toSorted((one, other) => one - other));
        while (running.length > 0) {
          running.pop()?.release("other");
          await settle();
        }
        expect(waiting).toEqual([]);
        expect(admitted.length + aborted.length).toBe(calls);
      }),
      { numRuns: 200 },
    );
  });
});
