import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { expectSameFunctions } from "./compare.ts";
import { readListing } from "./oracles/listing.ts";
import { listWithTypescript } from "./oracles/typescript.ts";
import { CACHE, cargoProgram, goModule, mavenSources, npmPackage, output, pythonSdist } from "./packages.ts";

const ORACLES = join(import.meta.dirname, "oracles");
const DOWNLOAD_MS = 300_000;
mkdirSync(CACHE, { recursive: true });

function has(program: string, flag = "--version"): boolean {
  try {
    execFileSync(program, [flag], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What is not in the cache comes from a registry; without one there is nothing to compare. */
async function fetched<T>(context: TestContext, fetch: () => Promise<T>): Promise<T> {
  try {
    return await fetch();
  } catch (error) {
    return context.skip(`cannot be fetched: ${String(error).slice(0, 200)}`);
  }
}

describe("every function that the language's own parser lists, and no other", { timeout: DOWNLOAD_MS }, () => {
  it.skipIf(!has("python3")).for([
    ["requests", "2.32.3", 600],
    ["attrs", "24.3.0", 1000],
    ["tornado", "6.4.2", 2500],
  ] as const)("Python: %s %s, with ast", async ([name, version, atLeast], context) => {
    const root = await fetched(context, () => pythonSdist(name, version));
    const listing = readListing(await output("python3", [join(ORACLES, "functions.py"), root]));
    expect(await expectSameFunctions(root, ["python"], listing)).toBeGreaterThan(atLeast);
  });

  it.for([
    ["rxjs", "7.8.1", 3000],
    ["zod", "4.1.12", 1500],
    ["express", "4.21.2", 80],
    ["lodash", "4.17.21", 1000],
    ["preact", "10.25.4", 200],
  ] as const)("JavaScript and TypeScript: %s %s, with the TypeScript compiler", async ([name, version, atLeast], context) => {
    const root = await fetched(context, () => npmPackage(name, version));
    expect(await expectSameFunctions(root, ["javascript", "typescript", "tsx"], await listWithTypescript(root))).toBeGreaterThan(atLeast);
  });

  it.skipIf(!has("go", "version")).for([
    ["github.com/spf13/cobra", "v1.8.1", 400],
    ["golang.org/x/tools", "v0.28.0", 5000],
  ] as const)("Go: %s %s, with go/ast", async ([module, version, atLeast], context) => {
    const root = await fetched(context, () => goModule(module, version));
    const listing = readListing(await output("go", ["run", join(ORACLES, "go/functions.go"), root]));
    expect(await expectSameFunctions(root, ["go"], listing)).toBeGreaterThan(atLeast);
  });

  it.skipIf(!has("javac") || !has("mvn")).for([
    ["org.apache.commons", "commons-lang3", "3.17.0", 3500],
    ["com.google.code.gson", "gson", "2.11.0", 700],
  ] as const)("Java: %s:%s %s, with javac", async ([group, name, version, atLeast], context) => {
    const root = await fetched(context, () => mavenSources(group, name, version));
    const listing = readListing(await output("java", [join(ORACLES, "Functions.java"), root]));
    expect(await expectSameFunctions(root, ["java"], listing)).toBeGreaterThan(atLeast);
  });

  it.skipIf(!has("cargo"))("Rust: syn and serde_json, with syn", async (context) => {
    const { program, sources } = await fetched(context, () => cargoProgram(join(ORACLES, "rust"), "functions"));
    for (const [crate, atLeast] of [
      ["syn", 1500],
      ["serde_json", 500],
      ["proc-macro2", 200],
    ] as const) {
      const root = sources(crate);
      expect(await expectSameFunctions(root, ["rust"], readListing(await output(program, [root])))).toBeGreaterThan(atLeast);
    }
  });
});
