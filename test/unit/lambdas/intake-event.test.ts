import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dropped, droppedIn, failedEvent } from "../../../lambdas/intake/event.ts";

const dropped = (key: string): Dropped | null => droppedIn({ detail: { object: { key } } }, "drops/");

describe("the drop that an object belongs to", () => {
  test.each([
    ["drops/parcels/serac.yaml", "parcels"],
    ["drops/parcels/repo.tar.gz", "parcels"],
    ["drops/my drop+1/repo.zip", "my drop+1"],
    // Mistakes in names and places are for core to tell.
    ["drops/parcels/repo.rar", "parcels"],
    ["drops/team/parcels/serac.yaml", "team"],
  ])("%s", (key, name) => {
    expect(dropped(key)).toEqual({ kind: "drop", name });
  });

  test.each(["drops/serac.yaml", "drops/repo.tar.gz"])("%s is in none, which has to be said", (key) => {
    expect(dropped(key)).toEqual({ kind: "stray", key });
  });

  test.each([
    "drops/parcels/result.json",
    "drops/result.json",
    "drops/",
    "drops/parcels/",
    "drops//serac.yaml",
    "drops/a/b/main.py",
    "drops/a/result.json/main.py",
    "drops/a/b/c/serac.yaml",
    "runs/a/serac.yaml",
  ])("%s belongs to none", (key) => {
    expect(dropped(key)).toBeNull();
  });

  test("any key gives a name without slashes, a file without a folder, or nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "/", "result.json", "serac.yaml", ".", "é")), (parts) => {
        const tail = parts.join("");
        const found = dropped(`drops/${tail}`);
        const isRight = {
          stray: () => !tail.includes("/"),
          drop: (name: string) => name !== "" && !name.includes("/") && tail.startsWith(`${name}/`),
        };
        expect(found === null || (found.kind === "stray" ? isRight.stray() : isRight.drop(found.name))).toBe(true);
      }),
    );
  });
});

describe("the event of an invocation that failed", () => {
  const event = { source: "aws.s3", detail: { bucket: { name: "b" }, object: { key: "drops/parcels/serac.yaml", size: 1 } } };

  test("is in what Lambda writes of it", () => {
    const written = { version: "1.0", requestContext: { condition: "RetriesExhausted" }, requestPayload: event, responsePayload: {} };
    expect(droppedIn(failedEvent(JSON.stringify(written))!, "drops/")).toEqual({ kind: "drop", name: "parcels" });
  });

  test.each(["", "{", "null", "[]", JSON.stringify(event), '{"requestPayload":{"detail":{"object":{"key":5}}}}'])(
    "is not in %s",
    (body) => {
      expect(failedEvent(body)).toBeNull();
    },
  );
});
