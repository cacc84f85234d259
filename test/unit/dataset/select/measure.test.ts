import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dropReason, type Filters } from "../../../../core/dataset/select/filter.ts";
import type { RolloutFacts, TurnFacts } from "../../../../core/dataset/select/facts.ts";
import { measureOf } from "../../../../core/dataset/select/measure.ts";

const turn = (role: TurnFacts["role"], tokens: number, results = 0): TurnFacts => ({ role, train: role === "assistant", tokens, results });

function facts(turns: readonly TurnFacts[], change: Partial<RolloutFacts> = {}): RolloutFacts {
  return {
    schema: "serac.facts/1",
    counter: "c",
    exitStatus: "submitted",
    patchLines: 3,
    patchHash: "h",
    textSha256: "t",
    turns,
    ...change,
  };
}

const SIX = facts([
  turn("system", 10),
  turn("user", 10),
  turn("assistant", 5),
  turn("tools", 20, 1),
  turn("assistant", 5),
  turn("tools", 40, 2),
]);

describe("measureOf", () => {
  test("keeps everything that fits, the last result too", () => {
    expect(measureOf(SIX, 90)).toEqual({
      turns: 6,
      keptTurns: 6,
      keptRatio: 1,
      tokens: 90,
      trainedTokens: 10,
      totalTokens: 90,
      meanObservationTokens: 20,
    });
  });

  test.each([
    [89, 5, 50],
    [50, 5, 50],
    [49, 3, 25],
    [25, 3, 25],
    [24, 0, 0],
  ])("cut at %i tokens keeps %i turns: it ends after a whole reply", (contextTokens, keptTurns, tokens) => {
    expect(measureOf(SIX, contextTokens)).toMatchObject({ keptTurns, tokens, keptRatio: keptTurns / 6, totalTokens: 90 });
  });

  test("a trajectory without a reply keeps nothing, however short", () => {
    expect(measureOf(facts([turn("system", 1), turn("user", 1)]), 1000)).toMatchObject({ keptTurns: 0, keptRatio: 0 });
    expect(measureOf(facts([]), 1000)).toMatchObject({ keptTurns: 0, keptRatio: 0, meanObservationTokens: 0 });
  });

  test("property: the kept turns are the longest prefix that fits and ends in a reply or is whole", () => {
    const anyTurn = fc
      .tuple(fc.constantFrom("user", "assistant", "tools"), fc.nat(50))
      .map(([role, tokens]) => turn(role as TurnFacts["role"], tokens, role === "tools" ? 1 : 0));
    fc.assert(
      fc.property(fc.array(anyTurn, { maxLength: 12 }), fc.nat(300), (turns, limit) => {
        const measure = measureOf(facts(turns), limit);
        const sum = (count: number): number => turns.slice(0, count).reduce((total, each) => total + each.tokens, 0);
        const replies = (count: number): number => turns.slice(0, count).filter((each) => each.train && each.tokens > 0).length;
        const fits = (count: number): boolean =>
          sum(count) <= limit && replies(count) > 0 && (count === turns.length || turns[count - 1]?.role === "assistant");
        const best = Array.from({ length: turns.length + 1 }, (_, count) => count).findLast((count) => count > 0 && fits(count)) ?? 0;
        expect(measure.keptTurns).toBe(best);
        expect(measure.tokens).toBe(best === 0 ? 0 : sum(best));
      }),
    );
  });
});

describe("dropReason", () => {
  const filters: Filters = {
    maxPatchLines: 40,
    meanObservationTokens: 600,
    minKeptRatio: 0.88,
    contextTokens: 32_768,
    includeUnsubmitted: false,
  };
  const reason = (change: Partial<RolloutFacts>, filterChange: Partial<Filters> = {}): string | null => {
    const all = { ...SIX, ...change };
    const chosen = { ...filters, ...filterChange };
    return dropReason(all, measureOf(all, chosen.contextTokens), chosen);
  };

  test("lets a good one pass, and limits are inclusive", () => {
    expect(reason({ patchLines: 40 }, { meanObservationTokens: 20, minKeptRatio: 1 })).toBeNull();
  });

  test.each([
    ["patch_lines", { patchLines: 41 }, {}],
    ["observation_tokens", {}, { meanObservationTokens: 19.9 }],
    ["kept_ratio", {}, { contextTokens: 89 }],
    ["kept_ratio", {}, { contextTokens: 3, minKeptRatio: 0 }],
    ["not_submitted", { exitStatus: "exit_context" }, {}],
    ["not_submitted", { exitStatus: "submitted (exit_context)" }, {}],
  ] as const)("%s", (expected, change, filterChange) => {
    expect(reason(change, filterChange)).toBe(expected);
  });

  test("unsubmitted ones come in when asked for, and a lower ratio when allowed", () => {
    expect(reason({ exitStatus: "submitted (exit_context)" }, { includeUnsubmitted: true })).toBeNull();
    expect(reason({}, { contextTokens: 89, minKeptRatio: 0.8 })).toBeNull();
  });
});
