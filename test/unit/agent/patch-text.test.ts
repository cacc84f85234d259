import { afterAll, describe, expect, it } from "vitest";
import { SandboxError } from "../../../core/errors/index.ts";
import { patchText, readPatch, unlessTooLarge } from "../../../core/agent/patch-text.ts";
import { hand } from "./support/hand.ts";
import { workbench } from "./support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());

describe("a patch as text", () => {
  it("is UTF-8 where it is that, else latin-1, byte by byte", () => {
    expect(patchText(Buffer.from("+é\n"))).toBe("+é\n");
    const bytes = Buffer.from("+caf\xe9\n", "latin1");
    expect(Buffer.from(patchText(bytes), "latin1")).toEqual(bytes);
  });

  it("of a latin-1 file is what the sandbox's diff holds", async () => {
    const sandbox = await bench.open({ "a.txt": Buffer.from("caf\xe9\nx\n", "latin1") });
    await hand(sandbox).replace("/testbed/a.txt", "x", "y");
    expect(await readPatch(sandbox)).toContain(" caf\xe9\n-x\n+y\n");
  });
});

describe("unlessTooLarge", () => {
  it("tells a result over the limit from a machine that is gone", async () => {
    const sandbox = await bench.open({ "a.txt": "x\n" });
    const refuse = () => Promise.reject(new SandboxError("sandbox_failed", "either"));
    expect(await unlessTooLarge(sandbox, refuse)).toBe("too large");
    await expect(unlessTooLarge(sandbox, () => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
    await sandbox.close();
    await expect(unlessTooLarge(sandbox, refuse)).rejects.toBeInstanceOf(SandboxError);
  });
});
