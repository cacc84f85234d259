import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { SandboxError, UnfinishedError } from "../../../core/errors/index.ts";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { quick, startHarness, type Harness } from "../../microvm/harness.ts";
import { openOn, prepareIn, said } from "./open.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const detection = await detectBubblewrap();

describe.skipIf(!detection.available)("the image of a run", () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterEach(() => {
    harness.api.assertInOrder();
    harness.api.faults.errors.length = 0;
    harness.api.faults.buildFailure = null;
  });
  afterAll(async () => {
    await harness.stop();
  });
  const count = (operation: string): number => harness.api.requests.filter((request) => request.operation === operation).length;

  test("holds what install made, is built once, tried once, and its archive is gone afterwards", async () => {
    const provider = harness.provider();
    const install = ["mkdir build && echo made >build/out", "echo changed >>README.md"];
    const base = await prepareIn(provider, "runs/one", { install });
    expect(base).toEqual({ provider: "microvm", directory: "runs/one", baseCommit: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(harness.archives.size).toBe(0);
    const [builds, machines] = [count("CreateMicrovmImage"), count("RunMicrovm")];
    expect(await prepareIn(harness.provider(), "runs/one", { install })).toEqual(base);
    expect([count("CreateMicrovmImage"), count("RunMicrovm")]).toEqual([builds, machines]);
    const sandbox = await openOn(provider, base);
    expect(await said(sandbox, "cat build/out; tail -n 1 README.md; git rev-parse HEAD; git status --short")).toBe(
      `made\nchanged\n${base.baseCommit}\n`,
    );
    await sandbox.close();
  });

  test("asked for by two at once is built once", async () => {
    const before = harness.api.images().length;
    const [one, other] = await Promise.all([prepareIn(harness.provider(), "runs/two"), prepareIn(harness.provider(), "runs/two")]);
    expect(one).toEqual(other);
    expect(harness.api.images()).toHaveLength(before + 1);
  });

  test("that is not done by the deadline is found further on by the next request", async () => {
    const provider = harness.provider();
    const deadlineMs = quick.now() + 1_000;
    await expect(prepareIn(provider, "runs/late", { deadlineMs, install: ["sleep 0.5"] })).rejects.toThrow(UnfinishedError);
    await expect(prepareIn(provider, "runs/late", { deadlineMs, install: ["sleep 0.5"] })).rejects.toThrow(UnfinishedError);
    const base = await prepareIn(provider, "runs/late", { deadlineMs: quick.now() + 600_000, install: ["sleep 0.5"] });
    expect(base.baseCommit).not.toBe("");
    expect(harness.api.images().filter(({ tags }) => tags["serac-directory"] === "runs/late")).toHaveLength(1);
  });

  test("whose install fails says with which output, is removed, and can be built anew", async () => {
    const provider = harness.provider();
    await expect(
      prepareIn(provider, "runs/failing", { install: ["echo before", "echo no such package >&2; exit 4"] }),
    ).rejects.toMatchObject({
      name: "SandboxError",
      code: "sandbox_install_failed",
      message: expect.stringMatching(/`echo no such package >&2; exit 4` ended with exit code 4.*no such package/s),
      hint: expect.any(String),
    });
    expect(harness.archives.size).toBe(0);
    expect((await prepareIn(provider, "runs/failing")).baseCommit).not.toBe("");
  });

  test("that the service cannot build says why", async () => {
    harness.api.faults.buildFailure = "DISK_STORAGE_FULL";
    await expect(prepareIn(harness.provider(), "runs/full")).rejects.toMatchObject({
      code: "sandbox_install_failed",
      message: expect.stringContaining("DISK_STORAGE_FULL"),
      hint: expect.stringContaining("/aws/lambda-microvms/serac"),
    });
  });

  test("whose machines do not start fails the preparation and not the samples", async () => {
    harness.api.faults.startMs = 60_000;
    await expect(prepareIn(harness.provider({ startSeconds: 5 }), "runs/dead")).rejects.toThrow(SandboxError);
    harness.api.faults.startMs = 0;
    expect((await prepareIn(harness.provider(), "runs/dead")).baseCommit).not.toBe("");
  });

  test("is not asked for without permission", async () => {
    harness.api.faults.errors.push({ operation: "CreateMicrovmImage", name: "AccessDeniedException", status: 403 });
    await expect(prepareIn(harness.provider(), "runs/denied")).rejects.toMatchObject({ code: "cloud_denied", hint: expect.any(String) });
  });

  test("can be cancelled while it is built", async () => {
    const controller = new AbortController();
    const running = prepareIn(harness.provider(), "runs/cancelled", { install: ["sleep 1000"], signal: controller.signal });
    setTimeout(() => controller.abort(new Error("cancelled by the test")), 300);
    await expect(running).rejects.toThrow("cancelled by the test");
    await harness.provider().release!("runs/cancelled");
  });
});
