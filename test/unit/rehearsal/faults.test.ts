import { describe, expect, it } from "vitest";
import type { Fault } from "../../../drivers/rehearsal/faults.ts";
import { FAULT_MODES, faultOfModel, isEndless, LINE_FAULTS, spoil, strikes } from "../../../drivers/rehearsal/faults.ts";
import { createLedger } from "../../../drivers/rehearsal/ledger.ts";

const call = (number: number, tries = 0): Parameters<typeof strikes>[1] => ({
  seed: "1",
  key: `call-${number}`,
  tries,
  number,
  isSecondChance: false,
});
const USAGE = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 10 };

describe("strikes", () => {
  it("strikes every n-th call, and at a rate the same calls every time", () => {
    const hits = (fault: Fault): number[] =>
      Array.from({ length: 1000 }, (_, number) => number).filter((number) => strikes([fault], call(number)) !== null);
    expect(hits({ mode: "500", everyNth: 250 })).toEqual([249, 499, 749, 999]);
    const tenth = hits({ mode: "429", rate: 0.1 });
    expect(tenth.length).toBeGreaterThan(70);
    expect(tenth.length).toBeLessThan(130);
    expect(hits({ mode: "429", rate: 0.1 })).toEqual(tenth);
    expect(hits({ mode: "500", rate: 0.1 })).not.toEqual(tenth);
  });

  it("spares the second try of a line fault, unless it is permanent", () => {
    for (const mode of LINE_FAULTS) {
      expect(strikes([{ mode, rate: 1 }], call(1, 0))).toBe(mode);
      expect(strikes([{ mode, rate: 1 }], call(1, 1))).toBeNull();
      expect(strikes([{ mode, permanent: true }], call(1, 7))).toBe(mode);
    }
    expect(strikes([{ mode: "no-call", rate: 1 }], call(1, 1))).toBe("no-call");
  });

  it("gives a spoilt reply a second chance by default, but not against a rate that was asked for", () => {
    const struck = Array.from({ length: 100 }, (_, number) => call(number)).filter((each) => strikes([{ mode: "no-call" }], each) !== null);
    expect(struck.length).toBeGreaterThan(5);
    for (const each of struck) expect(strikes([{ mode: "no-call" }], { ...each, isSecondChance: true })).toBeNull();
    expect(strikes([{ mode: "no-call", rate: 1 }], { ...call(1), isSecondChance: true })).toBe("no-call");
    expect(strikes([{ mode: "no-call", permanent: true }], { ...call(1), isSecondChance: true })).toBe("no-call");
  });

  it("decides endlessness by rollout", () => {
    expect(isEndless([{ mode: "endless" }], "1", "any")).toBe(true);
    expect(strikes([{ mode: "endless", rate: 1 }], call(1))).toBeNull();
    const some = Array.from({ length: 100 }, (_, index) => isEndless([{ mode: "endless", rate: 0.5 }], "1", String(index)));
    expect(new Set(some)).toEqual(new Set([true, false]));
  });
});

describe("faultOfModel", () => {
  it("knows every mode by name and nothing else", () => {
    expect(faultOfModel("rehearsal", "rehearsal")).toBeNull();
    for (const mode of FAULT_MODES) {
      expect(faultOfModel(`rehearsal-fault-${mode}`, "rehearsal")).toEqual({ mode, permanent: false });
      expect(faultOfModel(`rehearsal-fault-${mode}-permanent`, "rehearsal")).toEqual({ mode, permanent: true });
    }
    for (const name of ["other", "rehearsal-fault-", "rehearsal-fault-418", "x-fault-429", ""])
      expect(faultOfModel(name, "rehearsal")).toBeUndefined();
  });
});

describe("spoil", () => {
  const answer = { content: "c", reasoning: "r", style: "none" as const, calls: [{ name: "submit", input: "{}" }] };

  it("breaks what it says it breaks", () => {
    expect(() => JSON.parse(spoil(answer, "bad-arguments").calls[0]?.input ?? "")).toThrow(SyntaxError);
    expect(spoil(answer, "two-calls").calls).toHaveLength(2);
    expect(spoil(answer, "no-call").calls).toHaveLength(0);
    expect(spoil(answer, "huge-reply").content.length).toBeGreaterThan(9_900_000);
    expect(spoil(answer, "huge-output").calls[0]?.input).toContain("10000000");
    expect(spoil(answer, null)).toBe(answer);
  });
});

describe("createLedger", () => {
  it("counts a key once, a conflicting body again, and a missing key every time", () => {
    const ledger = createLedger({ input: 1, cachedInput: 0.5, output: 2 }, 100);
    expect(ledger.arrive("k", "b1")).toEqual({ tries: 0, number: 0 });
    ledger.pay("k", "b1", "first", USAGE);
    expect(ledger.arrive("k", "b1")).toEqual({ tries: 1, number: 0 });
    ledger.pay("k", "b1", "first", USAGE);
    ledger.arrive("k", "b2");
    ledger.pay("k", "b2", "judge", USAGE);
    for (let time = 0; time < 2; time += 1) {
      ledger.arrive(null, "b3");
      ledger.pay(null, "b3", "other", USAGE);
    }
    // 60 fresh at 1 + 40 cached at 0.5 + 10 out at 2 = 100 micro-dollars a call.
    expect(ledger.stats()).toMatchObject({
      requests: 5,
      paidCalls: 4,
      repeatedKeys: 1,
      conflictingKeys: 1,
      costMicroUsd: 400,
      byPurpose: { first: { calls: 1 }, judge: { calls: 1 }, other: { calls: 2 } },
    });
  });

  it("forgets the oldest calls beyond its capacity", () => {
    const ledger = createLedger({ input: 0, output: 0 }, 2);
    for (const key of ["a", "b", "c"]) ledger.arrive(key, "x");
    expect(ledger.arrive("c", "x").tries).toBe(1);
    expect(ledger.arrive("a", "x").tries).toBe(0);
  });
});
