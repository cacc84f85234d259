import { expect, it } from "vitest";
import { FUNCTION_MIB } from "../../../core/plan/cloud/orchestration.ts";
import { synthesize } from "./synthesis.ts";

it("is what estimates reckon with", { timeout: 240_000 }, () => {
  const functions = Object.entries(synthesize().resources("SeracForge")).filter(([, { Type }]) => Type === "AWS::Lambda::Function");
  const memoryOf = (name: string): unknown =>
    functions.find(([id]) => id.toLowerCase().startsWith(`${name}function`))?.[1].Properties?.["MemorySize"];
  expect(Object.fromEntries(Object.keys(FUNCTION_MIB).map((name) => [name, memoryOf(name)]))).toEqual(FUNCTION_MIB);
});
