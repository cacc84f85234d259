import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { complaintFor } from "../../../core/plan/complaint.ts";
import { allKinds, weightedKinds } from "../../../core/plan/kinds.ts";
import { MENU } from "../../../core/plan/menu.ts";

const NONE = { kinds: {}, kindWeights: {} };

test("the menu has 51 kinds, the general one first, no id and no text twice", () => {
  expect(MENU).toHaveLength(51);
  expect(MENU[0]?.id).toBe("general");
  expect(new Set(MENU.map((kind) => kind.id)).size).toBe(51);
  expect(new Set(MENU.map((kind) => kind.text)).size).toBe(51);
  expect(new Set(MENU.map((kind) => kind.title)).size).toBe(51);
});

describe.each(MENU.map((kind) => [kind.id, kind] as const))("%s", (id, kind) => {
  test("has an id that fits as a key in serac.yaml", () => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  test("names function and file once each, in whole sentences, and gives nothing away", () => {
    const complaint = complaintFor(id, { name: "Parser.next_token", path: "src/my parser.py" }, NONE);
    expect(complaint.split("`Parser.next_token`")).toHaveLength(2);
    expect(complaint.split("`src/my parser.py`")).toHaveLength(2);
    expect(complaint).toMatch(/upstream .* downstream/);
    expect(complaint).toMatch(/^[A-Z`][^{}\n]+[a-z]\.$/);
    expect(complaint).not.toMatch(/ {2}|\.\.| ,/);
    expect(kind.text.length).toBeGreaterThan(70);
    expect(kind.text.length).toBeLessThan(160);
    // Vague: no line, no value, no instruction what to write.
    expect(kind.text).not.toMatch(/\d|\bline\b|should (add|remove|replace|rename)/);
  });
});

describe("kinds of one's own", () => {
  test("join the menu, or replace a kind of it", () => {
    const kinds = { "money-rounding": "Sums in `{function}` ({path}) are off by a cent.", general: "Look at {function} in {path}." };
    const all = allKinds({ kinds });
    expect(all).toHaveLength(52);
    expect(all.at(-1)?.id).toBe("money-rounding");
    expect(complaintFor("money-rounding", { name: "f", path: "a.py" }, { kinds })).toMatch(
      /^Sums in `f` \(a\.py\) are off by a cent\. The cause/,
    );
    expect(complaintFor("general", { name: "f", path: "a.py" }, { kinds })).toMatch(/^Look at f in a\.py\. The cause/);
  });

  test("name the place even when their author forgot", () => {
    const kinds = { a: "Sums are off.", b: "Sums in {function} are off." };
    expect(complaintFor("a", { name: "f", path: "a.py" }, { kinds })).toMatch(/^Sums are off\. This is about `f` in `a\.py`\. /);
    expect(complaintFor("b", { name: "f", path: "a.py" }, { kinds })).toMatch(/^Sums in f are off\. This is about `a\.py`\. /);
  });

  test("cannot be confused by names from the repository", () => {
    const name = fc.oneof(fc.constantFrom("{path}", "{function}", "$&", "$1", "`", "\n"), fc.string());
    fc.assert(
      fc.property(name, name, (fn, path) => {
        expect(complaintFor("a", { name: fn, path }, { kinds: { a: "<{function}|{path}>" } })).toContain(`<${fn}|${path}>`);
      }),
    );
  });
});

describe("weights", () => {
  test("drop and prefer kinds", () => {
    const kinds = weightedKinds({ kinds: {}, kindWeights: { general: 0, naming: 2.5 } });
    expect(kinds).toHaveLength(50);
    expect(kinds.find((kind) => kind.id === "naming")?.weight).toBe(2.5);
    expect(kinds.find((kind) => kind.id === "coupling")?.weight).toBe(1);
  });

  test("that leave nothing are refused", () => {
    const kindWeights = Object.fromEntries(MENU.map((kind) => [kind.id, 0]));
    expect(() => weightedKinds({ kinds: {}, kindWeights })).toThrow(/plan\.kindWeights.*weight 0/);
    expect(weightedKinds({ kinds: { own: "x" }, kindWeights })).toHaveLength(1);
  });
});
