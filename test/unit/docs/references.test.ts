import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withReferences } from "../../../scripts/reference.ts";

test.each([
  ["configuration", "`teacher.price.cachedInput`"],
  ["cli", "### serac rehearse"],
  ["aws", "`retention.logDays`"],
])("docs/%s.md says what the code says: `npm run docs` writes it", async (name, part) => {
  const page = readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), "utf8");
  expect(page).toContain(part);
  expect(await withReferences(page)).toBe(page);
});
