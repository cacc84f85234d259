import { expect, test } from "vitest";
import { chargedLimiter } from "../../../lambdas/gateway/charges.ts";

const KEY = { id: "one", sha256: "0".repeat(64), isRevoked: false, requestsPerMinute: 1, tokensPerMinute: 1, capture: false };

test("counting that nobody waited for can be waited for, whether it succeeds or not", async () => {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const uses = [first.promise, second.promise];
  const limiter = chargedLimiter({ admit: () => Promise.resolve("admitted"), use: () => uses.shift()! });
  await limiter.settled();
  expect(await limiter.admit(KEY)).toBe("admitted");

  void limiter.use(KEY, 10);
  const failing = limiter.use(KEY, 20);
  let isSettled = false;
  const settled = limiter.settled().then(() => (isSettled = true));
  first.resolve();
  await first.promise;
  await new Promise(setImmediate);
  expect(isSettled).toBe(false);
  second.reject(new Error("throttled"));
  await expect(failing).rejects.toThrow("throttled");
  await settled;
});
