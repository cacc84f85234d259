import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { droppedName } from "../../../lambdas/intake/event.ts";

const nameIn = (key: string): string | null => droppedName({ detail: { object: { key } } }, "drops/");

describe("the drop that an object belongs to", () => {
  test.each([
    ["drops/parcels/serac.yaml", "parcels"],
    ["drops/parcels/repo.tar.gz", "parcels"],
    ["drops/my drop+1/repo.zip", "my drop+1"],
    // A mistake in a file's name is for core to tell.
    ["drops/parcels/repo.rar", "parcels"],
  ])("%s", (key, name) => {
    expect(nameIn(key)).toBe(name);
  });

  test.each([
    "drops/parcels/result.json",
    "drops/serac.yaml",
    "drops/parcels/",
    "drops//serac.yaml",
    "drops/a/b/serac.yaml",
    "runs/a/serac.yaml",
  ])("%s belongs to none", (key) => {
    expect(nameIn(key)).toBeNull();
  });

  test("any key gives a name without slashes, or none", () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        const name = nameIn(`drops/${tail}`);
        expect(name === null || (name !== "" && !name.includes("/") && tail.startsWith(`${name}/`))).toBe(true);
      }),
    );
  });
});
