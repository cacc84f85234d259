import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WORKSPACE, type BaseSnapshot } from "../../../core/agent/sandbox.ts";
import { SandboxError } from "../../../core/errors/index.ts";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { quick, startHarness, type Harness } from "../../microvm/harness.ts";
import type { Cut } from "../../microvm/proxy.ts";
import { text } from "../sandbox/sandbox-suite.ts";
import { openOn, prepareIn, said } from "./open.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const detection = await detectBubblewrap();
const CUTS: readonly (Cut | null)[] = [null, "request", "half request", "answer", "half answer", "twice"];

describe.skipIf(!detection.available)("a machine of the cloud", () => {
  let harness: Harness;
  let base: BaseSnapshot;
  beforeAll(async () => {
    harness = await startHarness();
    base = await prepareIn(harness.provider(), "runs/faults");
  });
  afterEach(() => {
    harness.api.faults.cut = () => null;
    harness.api.faults.startMs = 0;
    harness.api.faults.errors.length = 0;
    harness.api.assertInOrder();
  });
  afterAll(async () => {
    await harness.stop();
  });

  test("runs each command once, whatever the way to it does with requests and answers", async () => {
    const sandbox = await openOn(harness.provider(), base);
    let runs = 0;
    const cuts: (Cut | null)[] = [];
    harness.api.faults.cut = () => cuts.shift() ?? null;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...CUTS), { maxLength: 6 }), async (planned) => {
        cuts.splice(0, cuts.length, ...planned);
        runs++;
        const result = await sandbox.exec("echo ran >>/tmp/runs; wc -l </tmp/runs; echo $RANDOM >out.txt", {
          timeoutMs: 20_000,
          shell: "session",
        });
        expect(text(result.output)).toBe(`${runs}\n`);
        const bytes = Buffer.from(`written ${runs}\n`.repeat(2_000));
        expect(await sandbox.writeFile(`${WORKSPACE}/file.txt`, bytes)).toBeNull();
        expect(bytes.equals((await sandbox.readFile(`${WORKSPACE}/file.txt`, 1_000_000))!)).toBe(true);
        const saved = await sandbox.checkpoint(1_000_000);
        expect(Buffer.from(saved!.patchBase64, "base64").toString()).toContain(`+written ${runs}\n`);
      }),
      { numRuns: 40 },
    );
    await sandbox.close();
  });

  test("is opened once, too", async () => {
    const cuts: Cut[] = ["request", "half request", "answer", "half answer", "twice"];
    for (const cut of cuts) {
      let left = 3;
      harness.api.faults.cut = () => (left-- > 0 ? cut : null);
      const sandbox = await openOn(harness.provider(), base);
      expect(await said(sandbox, "cat README.md"), cut).toBe("# Example\n");
      await sandbox.close();
    }
  });

  test("that is lost in the middle of a command is an error of the sandbox's, soon", async () => {
    const sandbox = await openOn(harness.provider(), base);
    const running = sandbox.exec("echo begun; sleep 1000", { timeoutMs: 900_000, shell: "session" });
    setTimeout(() => void harness.api.lose(harness.api.running()[0]!), 200);
    await expect(running).rejects.toMatchObject({
      name: "SandboxError",
      code: "sandbox_failed",
      message: expect.stringContaining("the host failed"),
    });
    await expect(sandbox.stat(WORKSPACE)).rejects.toThrow(SandboxError);
    await sandbox.close();
  });

  test("whose tool server dies ends", async () => {
    const sandbox = await openOn(harness.provider(), base);
    const [machine] = harness.api.running();
    await machine!.guest.kill();
    await expect(said(sandbox, "echo")).rejects.toMatchObject({ message: expect.stringContaining("the container ended") });
    await sandbox.close();
  });

  test("is waited for while it starts, and ended when it does not", async () => {
    harness.api.faults.startMs = 1_500;
    const sandbox = await openOn(harness.provider(), base);
    expect(await said(sandbox, "echo up")).toBe("up\n");
    await sandbox.close();
    harness.api.faults.startMs = 600_000;
    await expect(openOn(harness.provider({ startSeconds: 5 }), base)).rejects.toMatchObject({
      code: "sandbox_failed",
      message: expect.stringContaining("did not answer within 5 s"),
    });
  });

  test("is asked for again while the account has no room, and then is an error of the account's", async () => {
    const full = { operation: "RunMicrovm", name: "ServiceQuotaExceededException", status: 402 };
    harness.api.faults.errors.push(full, full, { ...full, name: "InsufficientCapacityException", status: 500 });
    harness.api.faults.errors.push({ ...full, name: "ThrottlingException", status: 429 });
    const sandbox = await openOn(harness.provider(), base);
    await sandbox.close();
    let now = 0;
    const hurried = { now: () => now, sleep: async (ms: number) => void (now += ms) };
    harness.api.faults.errors.push(...Array.from({ length: 40 }, () => full));
    await expect(openOn(harness.provider({}, hurried), base)).rejects.toMatchObject({
      name: "SeracError",
      code: "cloud_throttled",
      hint: expect.stringContaining("Service Quotas"),
    });
  });

  test("is refused with the reason that AWS gives", async () => {
    harness.api.faults.errors.push({ operation: "RunMicrovm", name: "AccessDeniedException", status: 403 });
    await expect(openOn(harness.provider(), base)).rejects.toMatchObject({ code: "cloud_denied" });
    harness.api.faults.errors.push({ operation: "RunMicrovm", name: "ValidationException", status: 400 });
    await expect(openOn(harness.provider(), base)).rejects.toMatchObject({ code: "cloud_failed" });
    await expect(openOn(harness.provider(), { ...base, directory: "runs/unknown" })).rejects.toMatchObject({ name: "SandboxError" });
    harness.api.faults.errors.push({ operation: "CreateMicrovmAuthToken", name: "AccessDeniedException", status: 403 });
    await expect(openOn(harness.provider(), base)).rejects.toMatchObject({ code: "cloud_denied" });
  });

  test("kills a command that is cancelled, and lives on", async () => {
    const sandbox = await openOn(harness.provider(), base);
    const controller = new AbortController();
    const running = sandbox.exec("sleep 1000", { timeoutMs: 900_000, shell: "session", signal: controller.signal });
    setTimeout(() => controller.abort(new Error("cancelled by the test")), 300);
    await expect(running).rejects.toThrow("cancelled by the test");
    expect(await said(sandbox, "pgrep -cx sleep; echo alive")).toBe("0\nalive\n");
    await sandbox.close();
  });

  test("that is cancelled while it opens is ended", async () => {
    harness.api.faults.startMs = 600_000;
    const controller = new AbortController();
    const opening = openOn(harness.provider(), base, controller.signal);
    setTimeout(() => controller.abort(new Error("cancelled by the test")), 300);
    await expect(opening).rejects.toThrow("cancelled by the test");
  });

  test("that cannot be ended is left to the reaper", async () => {
    const sandbox = await openOn(harness.provider(), base);
    harness.api.faults.errors.push({ operation: "TerminateMicrovm", name: "AccessDeniedException", status: 403 });
    await sandbox.close();
    expect(harness.api.running()).toHaveLength(1);
    const later = { ...quick, now: () => Date.now() + 961_000 };
    expect(await harness.provider({}, later).reap!(async () => true)).toEqual({ machines: 1, bases: 0 });
  });

  test("carries large changes", async () => {
    const sandbox = await openOn(harness.provider(), base);
    await said(sandbox, "head -c 9000000 /dev/urandom >large.bin");
    const content = await sandbox.readFile(`${WORKSPACE}/large.bin`, 10_000_000);
    expect(content).toHaveLength(9_000_000);
    const saved = await sandbox.checkpoint(60_000_000);
    const other = await harness
      .provider()
      .open(base, { limits: { memoryMb: 512, processes: 128, diskMb: 64, fileMb: 32 }, checkpoint: saved! });
    expect(Buffer.from((await other.readFile(`${WORKSPACE}/large.bin`, 10_000_000))!).equals(Buffer.from(content!))).toBe(true);
    await expect(sandbox.readFile(`${WORKSPACE}/large.bin`, 1_000)).rejects.toThrow(SandboxError);
    await Promise.all([sandbox.close(), other.close()]);
  });
});

describe.skipIf(!detection.available)("time that AWS counts", () => {
  // A second lasts 5 ms: a token of 15 minutes 4.5 s, a machine's 1,200 seconds 6 s.
  test("tokens that end are made anew, and the longest life of a machine is an error of the sandbox's", async () => {
    const harness = await startHarness({ secondMs: 5 });
    try {
      const provider = harness.provider({ maximumDurationSeconds: 1_800 });
      const sandbox = await openOn(provider, await prepareIn(provider, "runs/time"));
      const tokens = (): number => harness.api.requests.filter(({ operation }) => operation === "CreateMicrovmAuthToken").length;
      const before = tokens();
      const outcome = (async () => {
        for (;;) await said(sandbox, "sleep 0.1");
      })();
      await expect(outcome).rejects.toMatchObject({ name: "SandboxError", message: expect.stringContaining("maximum duration reached") });
      expect(tokens()).toBeGreaterThan(before);
      await sandbox.close();
      expect(harness.api.violations).toEqual([]);
    } finally {
      await harness.stop();
    }
  });
});
