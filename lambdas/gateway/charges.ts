import type { Limiter } from "../../core/gateway/limits.ts";

/** A limiter whose counting, which nobody waits for, can be waited for. */
export interface ChargedLimiter extends Limiter {
  settled(): Promise<void>;
}

export function chargedLimiter(limiter: Limiter): ChargedLimiter {
  const pending = new Set<Promise<void>>();
  return {
    admit: (key) => limiter.admit(key),
    use: async (key, tokens) => {
      const use = limiter.use(key, tokens);
      pending.add(use);
      try {
        await use;
      } finally {
        pending.delete(use);
      }
    },
    settled: async () => void (await Promise.allSettled(pending)),
  };
}
