import { describe, expect, test } from "vitest";

import { importParser, readImports, type Import, type ImportGraph } from "./house/imports.ts";
import { circles, violations } from "./house/rules.ts";

const house = await readImports();

describe("the house", () => {
  test("was really read", () => {
    expect(house.size).toBeGreaterThan(100);
    expect(house.get("core/svg/store.ts")?.map((found) => found.target)).toContain("core/agent/sandbox.ts");
  });

  test("every file imports only from below", () => {
    expect(violations(house)).toEqual([]);
  });

  test("no files import each other in a circle", () => {
    expect(circles(house)).toEqual([]);
  });
});

/** A house of a few files, each with its imports. */
function built(files: Readonly<Record<string, readonly string[]>>): ImportGraph {
  return new Map(Object.entries(files).map(([file, names]) => [file, names.map(importOf)]));
}

function importOf(specifier: string): Import {
  const isPackage = !specifier.includes("/") || specifier.startsWith("@");
  return { line: 1, specifier, target: isPackage ? null : specifier };
}

describe("the rules notice", () => {
  test.each([
    ["core/agent/rollout.ts", "core/svg/store.ts", "core/svg is on a floor above core/agent"],
    ["core/plan/menu.ts", "core/agent/loop.ts", "core/plan and core/agent are on the same floor"],
    ["core/errors/index.ts", "core/config/schema.ts", "core/config is on a floor above core/errors"],
    ["core/svg/advance.ts", "drivers/sqlite/index.ts", "drivers/sqlite is on a floor above core/svg"],
    ["core/svg/advance.ts", "cli/main.ts", "cli is on a floor above"],
    ["core/svg/advance.ts", "lib/stack.ts", "lib stands beside the house"],
    ["core/svg/advance.ts", "test/unit/fake.ts", "only tests and benchmarks"],
    ["core/svg/advance.ts", "scripts/tool.ts", "is on no floor"],
    ["core/new-room/x.ts", "core/new-room/y.ts", null],
    ["core/svg/x.ts", "core/new-room/y.ts", "is on no floor"],
    ["core/svg/advance.ts", "node:child_process", "core runs no program"],
    ["core/svg/advance.ts", "node:sqlite", "core runs no program"],
    ["core/svg/advance.ts", "node:net", "core runs no program"],
    ["core/svg/advance.ts", "node:http2", "core runs no program"],
    ["core/svg/advance.ts", "@aws-sdk/client-s3", "core runs no program"],
    ["core/svg/advance.ts", "openai", "core runs no program"],
    ["core/svg/advance.ts", "node:crypto", null],
    ["core/svg/advance.ts", "core/errors/index.ts", null],
    ["cli/version.ts", "./package.json", null],
    ["drivers/sqlite/store.ts", "drivers/files/store.ts", "are on the same floor"],
    ["drivers/sqlite/store.ts", "drivers/sqlite/schema.ts", null],
    ["drivers/sqlite/store.ts", "node:sqlite", null],
    ["drivers/sqlite/store.ts", "cli/main.ts", "cli is on a floor above drivers/sqlite"],
    ["cli/commands/run.ts", "drivers/sqlite/index.ts", "only cli/platform.ts"],
    ["cli/platform.ts", "drivers/sqlite/index.ts", null],
    ["cli/commands/run.ts", "lambdas/platform.ts", "are on the same floor"],
    ["lambdas/platform.ts", "drivers/s3/index.ts", null],
    ["lambdas/worker/index.ts", "drivers/s3/index.ts", "only cli/platform.ts"],
    ["bin/serac.ts", "cli/main.ts", null],
    ["bin/cdk.ts", "lib/app.ts", null],
    ["bin/serac.ts", "drivers/sqlite/index.ts", "only cli/platform.ts"],
    ["lib/stacks/app.ts", "core/config/schema.ts", null],
    ["lib/stacks/app.ts", "core/svg/names.ts", null],
    ["lib/stacks/app.ts", "core/svg/store.ts", "lib imports nothing of core but config and names"],
    ["lib/stacks/app.ts", "drivers/s3/index.ts", "and no other room"],
    ["test/unit/x.test.ts", "drivers/sqlite/index.ts", null],
  ])("%s importing %s", (file, name, rule) => {
    const broken = violations(built({ [file]: [name] })).join();
    expect(broken).toMatch(rule ?? /^$/);
  });

  test("circles, short and long, and no way around as one", () => {
    expect(circles(built({ "a/a.ts": ["a/b.ts"], "a/b.ts": ["a/c.ts"], "a/c.ts": ["a/a.ts"], "a/d.ts": ["a/a.ts"] }))).toEqual([
      "a/a.ts -> a/b.ts -> a/c.ts -> a/a.ts",
    ]);
    expect(circles(built({ "a/a.ts": ["a/a.ts"] }))).toEqual(["a/a.ts -> a/a.ts"]);
    expect(circles(built({ "a/a.ts": ["a/b.ts", "a/c.ts"], "a/b.ts": ["a/c.ts"], "a/c.ts": [] }))).toEqual([]);
  });
});

test("imports of every kind are found, and those in comments and strings are not", async () => {
  const importsIn = await importParser();
  const text = `
    import "./side.ts"; import a, { type B } from "./static.ts"; import type { C } from '../type.ts';
    export { d } from "./again.ts"; export * from "./all.ts";
    const e = await import("./dynamic.ts"); import * as z from "zod";
    // import f from "./comment.ts"
    const g = \`import h from "./template.ts"\`; const i = 'import("./string.ts")';
  `;
  expect(importsIn("core/svg/x.ts", text).map(({ target, specifier }) => target ?? specifier)).toEqual([
    "core/svg/side.ts",
    "core/svg/static.ts",
    "core/type.ts",
    "core/svg/again.ts",
    "core/svg/all.ts",
    "core/svg/dynamic.ts",
    "zod",
  ]);
});
