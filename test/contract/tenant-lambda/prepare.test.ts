import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { InputError, SandboxError } from "../../../core/errors/index.ts";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { startHarness, type Harness } from "../../tenant/harness.ts";
import { openOn, prepareIn, said } from "../microvm/open.ts";
import { LIMITS, repository } from "../sandbox/sandbox-repository.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const detection = await detectBubblewrap();

describe.skipIf(!detection.available)("the base of a sandbox that is a function of tenants", () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(async () => {
    await harness.stop();
  });
  const kept = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const key of harness.artifacts.list("sandbox-bases/")) keys.push(key);
    return keys;
  };

  test("lies packed in the bucket, is tried once, and goes with its run", async () => {
    const base = await prepareIn(harness.provider(), "run-kept");
    expect(await kept()).toHaveLength(2);
    const tried = harness.lambda.tenants().length;
    expect(await prepareIn(harness.provider(), "run-kept")).toEqual(base);
    expect(harness.lambda.tenants()).toHaveLength(tried);
    expect(harness.lambda.running()).toEqual([]);
    const sandbox = await openOn(harness.provider(), base);
    expect(await said(sandbox, "git rev-parse HEAD")).toBe(`${base.baseCommit}\n`);
    await sandbox.close();
    await harness.provider().release!("run-kept");
    await harness.provider().release!("run-kept");
    expect(await kept()).toEqual([]);
    await expect(openOn(harness.provider(), base)).rejects.toMatchObject({ code: "artifact_missing" });
  });

  test("is removed when no run needs it, also where a preparation died", async () => {
    const needed = await prepareIn(harness.provider(), "run-needed");
    const source = {
      ...repository(),
      // oxlint-disable-next-line typescript/require-await, require-yield
      async *files() {
        throw new Error("the process died here");
      },
    };
    await expect(prepareIn(harness.provider(), "run-died", { source })).rejects.toThrow("died here");
    expect(await harness.provider().reap!(async (directory) => directory === needed.directory)).toEqual({ machines: 0, bases: 1 });
    expect(await kept()).toHaveLength(2);
    await harness.provider().release!("run-needed");
  });

  test("refuses what this kind of sandbox cannot give, before anything is sent or kept", async () => {
    const before = harness.lambda.events().length;
    const refusals: readonly (readonly [more: Parameters<typeof prepareIn>[2], code: string, says: RegExp])[] = [
      [{ install: ["pip install -e ."] }, "sandbox_unavailable", /environment\.install needs a network.*kind: tenant/],
      [{ limits: { ...LIMITS, memoryMb: 4_096 } }, "config_invalid", /environment\.memoryMb: 4096 .*at most 2624/],
      [{ limits: { ...LIMITS, diskMb: 8_000 } }, "config_invalid", /environment\.diskMb: 8000 .*at most 5120/],
    ];
    for (const [more, code, says] of refusals) {
      const refused = await prepareIn(harness.provider(), "run-refused", more).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(InputError);
      expect(refused).toMatchObject({ code, message: expect.stringMatching(says) });
    }
    expect(harness.lambda.events()).toHaveLength(before);
    expect(await kept()).toEqual([]);
  });

  test("of another kind is not taken for one", async () => {
    const provider = harness.provider();
    await expect(openOn(provider, { provider: "microvm", directory: "run", baseCommit: "" })).rejects.toThrow(SandboxError);
    await provider.close();
    await expect(prepareIn(provider, "run")).rejects.toThrow("closed");
  });
});
