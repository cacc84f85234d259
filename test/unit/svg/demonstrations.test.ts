import { describe, expect, it } from "vitest";
import { chooseDemonstrations, OWN_DEMONSTRATIONS } from "../../../core/svg/describe/demonstrations.ts";

const text = (n: number): string => `Title ${n}\n\n${"A body that is long enough to show a style. ".repeat(4)}`;

describe("chooseDemonstrations", () => {
  it("prefers what the user gave", () => {
    expect(chooseDemonstrations([text(1)], [text(2), text(3), text(4)])).toEqual([text(1).trim()]);
  });

  it("takes the repository's history when it holds at least three usable texts", () => {
    expect(chooseDemonstrations([], [text(1), "fix typo", text(2), text(3)])).toHaveLength(3);
  });

  it("falls back to serac's own texts for a thin history", () => {
    expect(chooseDemonstrations(["too short"], [text(1), text(1), "wip"])).toBe(OWN_DEMONSTRATIONS);
  });

  it("leaves out texts that would eat the context", () => {
    expect(chooseDemonstrations(["x".repeat(4001)], [])).toBe(OWN_DEMONSTRATIONS);
  });
});
