import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSignature, encodeSignature } from "../../../../core/gateway/state/signature.ts";
import type { ThoughtState } from "../../../../core/gateway/state/state.ts";

const frame = fc.oneof(
  fc.constantFrom({ place: "reasoning" as const }, { place: "reasoning_content" as const }),
  fc.record({ place: fc.constant("content" as const), open: fc.string({ unit: "binary" }), close: fc.string({ unit: "binary" }) }),
);

const anyState: fc.Arbitrary<ThoughtState> = fc.oneof(
  fc.constant({ kind: "progress" as const }),
  fc.record({ kind: fc.constant("thought" as const), frame }),
  fc.record({
    kind: fc.constant("hidden-calls" as const),
    frame: fc.option(frame),
    calls: fc.array(fc.record({ name: fc.string(), arguments: fc.string({ unit: "binary" }) })),
    before: fc.string(),
  }),
);

describe("a thought's state in its signature", () => {
  test("comes back exactly", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const signature = encodeSignature(state);
        expect(signature).toMatch(/^serac_[A-Za-z0-9_-]+$/);
        expect(decodeSignature(signature)).toEqual(state);
      }),
    );
  });

  test("is short for a usual frame", () => {
    const open = { place: "content", open: "<think>\n", close: "\n</think>\n\n" } as const;
    expect(encodeSignature({ kind: "thought", frame: open }).length).toBeLessThan(30);
  });

  test.each([
    "",
    "serac_",
    "serac_1",
    "serac_1AAAA",
    "EqQBCkYIBRgCKkBhbm90aGVyIG1vZGVsJ3Mgc2lnbmF0dXJl",
    encodeSignature({ kind: "progress" }).replace("serac", "other"),
    `${encodeSignature({ kind: "progress" })}=`,
  ])("%j is another's", (signature) => {
    expect(decodeSignature(signature)).toBeNull();
  });

  test("any text is read without an error", () => {
    fc.assert(
      fc.property(fc.base64String(), (noise) => {
        const state = decodeSignature(`serac_1${noise}`);
        expect(state === null || typeof state.kind === "string").toBe(true);
      }),
    );
  });
});
