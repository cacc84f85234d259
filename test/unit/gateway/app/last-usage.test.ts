import fc from "fast-check";
import { expect, test } from "vitest";
import { watchUsage } from "../../../../core/gateway/app/last-usage.ts";

const USAGE = { prompt_tokens: 100, completion_tokens: 7, total_tokens: 107, prompt_tokens_details: { cached_tokens: 60 } };

function seen(text: string, cuts: readonly number[] = []) {
  const bytes = new TextEncoder().encode(text);
  const watch = watchUsage();
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  for (let n = 1; n < places.length; n++) watch.see(bytes.subarray(places[n - 1], places[n]));
  return watch.usage();
}

test("it is found at the end of a stream and of a document, however the bytes are cut", () => {
  const stream = `data: {"choices":[{"delta":{"content":"ü"}}],"usage":null}\n\ndata: {"choices":[],"usage":${JSON.stringify(USAGE)}}\n\ndata: [DONE]\n\n`;
  const whole = JSON.stringify({ choices: [{ message: { content: "ü" } }], usage: USAGE });
  fc.assert(
    fc.property(fc.constantFrom(stream, whole), fc.array(fc.nat(), { maxLength: 20 }), (text, cuts) => {
      expect(seen(text, cuts)).toEqual({ inputTokens: 40, cacheReadTokens: 60, outputTokens: 7 });
    }),
  );
});

test("of usage in every chunk the last counts", () => {
  const chunk = (tokens: number) => `data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":${tokens}}}\n\n`;
  expect(seen(chunk(1) + chunk(2) + chunk(3))?.outputTokens).toBe(3);
});

test("what a model wrote is never taken for it", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const written = `${text}"usage":{"prompt_tokens":9,"completion_tokens":9}`;
      expect(seen(`data: ${JSON.stringify({ choices: [{ delta: { content: written } }] })}\n\n`)).toBeNull();
    }),
  );
});

test("nonsense counts nothing", () => {
  expect(seen('{"usage":{"prompt_tokens":-5,"completion_tokens":"many","prompt_tokens_details":{"cached_tokens":1e99}}}')).toEqual({
    inputTokens: 0,
    cacheReadTokens: 0,
    outputTokens: 0,
  });
  expect(seen('{"usage":{,}}')).toBeNull();
});
