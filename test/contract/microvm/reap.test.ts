import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { quick, startHarness, type Harness } from "../../microvm/harness.ts";
import { openOn, prepareIn, said } from "./open.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const detection = await detectBubblewrap();

describe.skipIf(!detection.available)("what nobody needs any more", () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.api.assertInOrder());
  afterAll(async () => {
    await harness.stop();
  });
  const directories = (): readonly string[] =>
    harness.api
      .images()
      .filter(({ state }) => state === "CREATED")
      .map(({ tags }) => tags["serac-directory"]!);

  test("is released by its name, with the machines that run from it, as often as one likes", async () => {
    const provider = harness.provider();
    const kept = await openOn(provider, await prepareIn(provider, "runs/kept"));
    await openOn(provider, await prepareIn(provider, "runs/over"));
    await provider.release!("runs/over");
    await provider.release!("runs/over");
    await provider.release!("runs/never-was");
    expect(directories()).toEqual(["runs/kept"]);
    expect(harness.api.running()).toHaveLength(1);
    expect(await said(kept, "echo alive")).toBe("alive\n");
    await kept.close();
  });

  test("is found by the reaper: images of runs that are over, and machines that have outlived their owner", async () => {
    const worker = harness.provider();
    const names = ["runs/a", "runs/b", "runs/c"];
    for (const name of names) await openOn(worker, await prepareIn(worker, name));
    const lost = harness.api.running().length;
    expect(lost).toBe(3);

    // Young machines of runs that go on have an owner.
    const young = await harness.provider().reap!(async () => true);
    expect(young).toEqual({ machines: 0, bases: 0 });
    expect(harness.api.running()).toHaveLength(3);

    const over = await harness.provider().reap!(async (directory) => directory !== "runs/b");
    expect(over).toEqual({ machines: 1, bases: 1 });
    expect(directories()).toEqual(["runs/kept", "runs/a", "runs/c"]);

    const later = { ...quick, now: () => Date.now() + 961_000 };
    const old = await harness.provider({}, later).reap!(async () => true);
    expect(old).toEqual({ machines: 2, bases: 0 });
    expect(harness.api.running()).toEqual([]);
    expect(await harness.provider({}, later).reap!(async () => true)).toEqual({ machines: 0, bases: 0 });
  });

  test("of other deployments is left alone", async () => {
    const other = harness.provider({ imageArnPrefix: "arn:aws:lambda:us-east-1:111111111111:microvm-image:serac2" });
    const sandbox = await openOn(other, await prepareIn(other, "runs/other"));
    await harness.provider().reap!(async () => false);
    expect(directories()).toEqual(["runs/other"]);
    expect(await said(sandbox, "echo alive")).toBe("alive\n");
    await sandbox.close();
  });
});
