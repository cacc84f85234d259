import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { JSON_SCHEMAS } from "../../../scripts/json-schemas.ts";

test.each([...JSON_SCHEMAS])("%s is what `npm run docs` writes", (path, text) => {
  expect(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")).toBe(text);
});

test("both are closed: a key that is not known is refused", () => {
  for (const text of JSON_SCHEMAS.values()) {
    const opened = objectsOf(JSON.parse(text)).filter(
      ({ properties, additionalProperties }) => properties && additionalProperties !== false,
    );
    expect(opened).toEqual([]);
  }
});

type Node = Readonly<Record<string, unknown>>;

function objectsOf(node: unknown): Node[] {
  if (typeof node !== "object" || node === null) return [];
  const below = Object.values(node).flatMap(objectsOf);
  return "type" in node && node.type === "object" ? [{ ...node }, ...below] : below;
}
