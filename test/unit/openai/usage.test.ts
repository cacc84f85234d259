import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateUsage, usageOf } from "../../../drivers/openai/usage.ts";

describe("usageOf", () => {
  it.each([
    [{ prompt_tokens: 100, completion_tokens: 7 }, 0],
    [{ prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 64 } }, 64],
    [{ prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: null, prompt_cache_hit_tokens: 32 }, 32],
    [{ prompt_tokens: 100, completion_tokens: 7, cached_tokens: 16 }, 16],
    [{ prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 4000 } }, 100],
  ])("%j has %i cached tokens", (usage, cachedInputTokens) => {
    expect(usageOf(usage)).toEqual({ inputTokens: 100, cachedInputTokens, outputTokens: 7 });
  });

  it.each([
    undefined,
    null,
    {},
    [],
    "many",
    { prompt_tokens: -5, completion_tokens: 1 },
    { prompt_tokens: 1e300, completion_tokens: 1 },
    { prompt_tokens: 3 },
  ])("%j is no usage", (usage) => {
    expect(usageOf(usage)).toBeNull();
  });

  it("is sane or null for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.double(), fc.double(), fc.double(), (noise, input, output, cached) => {
        for (const json of [noise, { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: { cached_tokens: cached } }]) {
          const usage = usageOf(json);
          if (usage === null) continue;
          expect(Object.values(usage).every((count) => Number.isSafeInteger(count) && count >= 0)).toBe(true);
          expect(usage.cachedInputTokens).toBeLessThanOrEqual(usage.inputTokens);
        }
      }),
    );
  });

  it("estimates on the high side, with nothing cached", () => {
    expect(estimateUsage(3000, 300)).toEqual({ inputTokens: 1000, cachedInputTokens: 0, outputTokens: 100 });
  });
});
