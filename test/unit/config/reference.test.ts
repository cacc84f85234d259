import { describe, expect, test } from "vitest";

import { KIND_IDS } from "../../../core/config/kind-ids.ts";
import { configReference } from "../../../core/config/reference.ts";
import { resolveConfig } from "../../../core/config/resolve.ts";
import { valueAt } from "../../../core/config/layer.ts";
import { SURVEYED_LANGUAGES } from "../../../core/config/schema.ts";
import { MENU } from "../../../core/plan/menu.ts";
import { LANGUAGES } from "../../../core/survey/languages/index.ts";

const { entries, jsonSchema } = configReference();

test("the reference holds every key of the configuration", () => {
  const keysOf = (value: unknown, above: string[] = []): string[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, inner]) => [[...above, key].join("."), ...keysOf(inner, [...above, key])])
      : [];
  const known = entries.map((entry) => entry.key);
  expect(known).toEqual(expect.arrayContaining(keysOf(resolveConfig([]))));
  expect(new Set(known).size).toBe(known.length);
});

describe.each(entries.map((entry) => [entry.key, entry] as const))("%s", (key, entry) => {
  test("is described and says what is allowed", () => {
    expect(entry.description).toMatch(/^[A-Z`].*\.$/);
    expect(entry.allowed).not.toBe("");
  });

  test("gives the default that is really used", () => {
    const used = valueAt(resolveConfig([]), key.split("."));
    const isAssumed = !entry.isSection && !key.startsWith("teacher.") && !key.startsWith("train.") && !key.startsWith("serve.");
    expect(isAssumed ? entry.default : null).toBe(isAssumed && used !== undefined ? JSON.stringify(used) : null);
  });
});

test("keys that measure something name the unit", () => {
  const measured = entries.filter(({ key }) => /(Minutes|Seconds|Mb|Tokens|usd)$/.test(key));
  expect(measured.map((entry) => entry.key)).toContain("rollout.contextTokens");
  for (const { description } of measured) expect(description).toMatch(/Minutes|Seconds|Megabytes|Tokens|USD/);
});

test("the JSON Schema is plain JSON, closed to unknown keys", () => {
  expect(JSON.parse(JSON.stringify(jsonSchema))).toEqual(jsonSchema);
  expect(jsonSchema).toMatchObject({ type: "object", additionalProperties: false, properties: { plan: { additionalProperties: false } } });
});

test("the kinds that the configuration knows are those of the menu", () => {
  expect(MENU.map((kind) => kind.id)).toEqual([...KIND_IDS]);
});

test("the languages that the configuration knows are those that can be surveyed", () => {
  expect(LANGUAGES.map((language) => language.name)).toEqual([...SURVEYED_LANGUAGES]);
});
