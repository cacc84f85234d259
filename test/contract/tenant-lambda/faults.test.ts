import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { BaseSnapshot, Sandbox } from "../../../core/agent/sandbox.ts";
import { SandboxError, SeracError } from "../../../core/errors/index.ts";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { startHarness, type Harness } from "../../tenant/harness.ts";
import { openOn, prepareIn, said } from "../microvm/open.ts";
import { memoryRepository } from "../sandbox/memory-repository.ts";
import { LIMITS } from "../sandbox/sandbox-repository.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const detection = await detectBubblewrap();

describe.skipIf(!detection.available)("a sandbox in environments that come and go", () => {
  let harness: Harness;
  let base: BaseSnapshot;
  let sandbox: Sandbox;
  beforeAll(async () => {
    harness = await startHarness();
    base = await prepareIn(harness.provider(), "run-1");
  });
  afterEach(async () => {
    Object.assign(harness.lambda.faults, { isReaped: () => false, cut: () => null, timeoutMs: () => 60_000 });
    harness.lambda.faults.errors.length = 0;
    await sandbox.close();
  });
  afterAll(async () => {
    await harness.stop();
  });

  test("an environment that is reaped between two commands takes nothing along but what ran in the background", async () => {
    sandbox = await openOn(harness.provider(), base);
    await said(sandbox, "cd src; echo kept >new.txt; rm app.py; export KEPT='a \"b\"'; sleep 1000 &");
    const before = harness.lambda.tenants().length;
    harness.lambda.faults.isReaped = once();
    const result = await sandbox.exec('pwd; cat new.txt; ls; echo "$KEPT"; pgrep -cx sleep', { timeoutMs: 20_000, shell: "session" });
    expect(Buffer.from(result.output).toString()).toBe('/testbed/src\nkept\ndeep\nnew.txt\na "b"\n0\n');
    expect(result.restarted).toMatch(/another one has taken its place/);
    // One that answered in the old one's place that it was not meant, and one for a tenant of its own.
    expect(harness.lambda.tenants().length).toBe(before + 2);
    expect(new Set(harness.lambda.tenants()).size).toBe(harness.lambda.tenants().length - 1);
    expect(Buffer.from(await sandbox.diff(100_000)).toString()).toContain("+kept\n");
  });

  test("an environment that is reaped after every third event makes no difference to a rollout", async () => {
    sandbox = await openOn(harness.provider(), base);
    await said(sandbox, "true");
    let events = 0;
    harness.lambda.faults.isReaped = () => ++events % 9 === 0;
    for (let step = 1; step <= 6; step++) {
      expect(await said(sandbox, `echo ${step} >>steps.txt; cat steps.txt`)).toBe(
        Array.from({ length: step }, (_, at) => `${at + 1}\n`).join(""),
      );
    }
    expect((await sandbox.checkpoint(100_000))!.patchBase64).not.toBe("");
    expect(events).toBeGreaterThan(9);
  });

  test("a command that kills everything is told as killed, and the rollout goes on where it was", async () => {
    sandbox = await openOn(harness.provider(), base);
    await said(sandbox, "echo mine >mine.txt");
    const killed = await sandbox.exec("echo lost >lost.txt; kill -9 -1", { timeoutMs: 20_000, shell: "session" });
    expect(killed).toMatchObject({ outcome: "exited", exitCode: 137, restarted: expect.any(String) });
    expect(await said(sandbox, "cat mine.txt; ls lost.txt 2>&1")).toBe("mine\nls: cannot access 'lost.txt': No such file or directory\n");
  });

  test("events that do not arrive, or whose answers do not, are sent again and count once", async () => {
    sandbox = await openOn(harness.provider(), base);
    await said(sandbox, "echo start >>log.txt");
    let turn = 0;
    harness.lambda.faults.cut = () => (["request", "answer", null] as const)[turn++ % 3] ?? null;
    for (let step = 1; step <= 3; step++) await said(sandbox, `echo ${step} >>log.txt`);
    harness.lambda.faults.cut = () => null;
    expect(await said(sandbox, "cat log.txt")).toBe("start\n1\n2\n3\n");
    expect(turn).toBeGreaterThan(6);
  });

  test("AWS's own trouble is waited for, and thrown as what it is when it does not pass", async () => {
    sandbox = await openOn(harness.provider(), base);
    const trouble = [
      { name: "TooManyRequestsException", status: 429 },
      { name: "EC2ThrottledException", status: 502 },
      { name: "ServiceException", status: 500 },
      { name: "SubnetIPAddressLimitReachedException", status: 502 },
    ];
    harness.lambda.faults.errors.push(...trouble);
    expect(await said(sandbox, "echo through")).toBe("through\n");
    expect(harness.lambda.faults.errors).toEqual([]);

    let now = 0;
    const hurried = { now: () => (now += 20_000), sleep: () => Promise.resolve() };
    const refusals: readonly (readonly [name: string, status: number, code: string])[] = [
      ["TooManyRequestsException", 429, "cloud_throttled"],
      ["AccessDeniedException", 403, "cloud_denied"],
      ["ResourceNotFoundException", 404, "cloud_failed"],
      ["InvalidParameterValueException", 400, "cloud_failed"],
    ];
    for (const [name, status, code] of refusals) {
      harness.lambda.faults.errors.push(...Array.from({ length: 20 }, () => ({ name, status })));
      const refused = await openOn(harness.provider({}, hurried), base).catch((error: unknown) => error);
      expect(refused, name).toMatchObject({ code, hint: expect.any(String) });
      expect(refused).not.toBeInstanceOf(SandboxError);
      expect(refused).toBeInstanceOf(SeracError);
      harness.lambda.faults.errors.length = 0;
    }
  });

  test("an invocation that runs into the function's time limit costs the environment and nothing else", async () => {
    sandbox = await openOn(harness.provider(), base);
    await said(sandbox, "echo kept >kept.txt");
    let events = 0;
    harness.lambda.faults.timeoutMs = () => (++events === 1 ? 100 : 60_000);
    expect(await said(sandbox, "sleep 0.5; cat kept.txt")).toBe("kept\n");
  });

  test("what is larger than an event goes both ways in parts", async () => {
    const big = memoryRepository({ "big.bin": noise(4_500_000), "README.md": "# Big\n" });
    const provider = harness.provider();
    const before = harness.lambda.events().length;
    const larger = await prepareIn(provider, "run-big", { source: big, limits: { ...LIMITS, memoryMb: 1_024 } });
    expect(
      harness.lambda
        .events()
        .slice(before)
        .filter((kind) => kind === "load").length,
    ).toBe(2);
    sandbox = await provider.open(larger, { limits: LIMITS });
    expect(Buffer.from((await sandbox.readFile("/testbed/big.bin", 10_000_000))!).equals(noise(4_500_000))).toBe(true);
    const written = noise(5_000_000).subarray(500_000);
    expect(await sandbox.writeFile("/testbed/written.bin", written)).toBeNull();
    expect(Buffer.from((await sandbox.readFile("/testbed/written.bin", 10_000_000))!).equals(written)).toBe(true);
    expect((await sandbox.diff(30_000_000)).length).toBeGreaterThan(4_500_000);
    expect(harness.lambda.violations).toEqual([]);
  });

  test("what runs inside sees no credentials, no names of ours, and cannot become more than it is", async () => {
    sandbox = await openOn(harness.provider(), base);
    const seen = await said(
      sandbox,
      "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c -E 'ASIATEST|AWS_SECRET|AWS_SESSION'",
    );
    expect(seen).toBe("0\n");
    expect(await said(sandbox, "unshare -U true 2>/dev/null || echo no; touch /usr/x 2>/dev/null || echo no")).toBe("no\nno\n");
    expect(await said(sandbox, "python3 -c 'import os; print(os.getcwd())'; git rev-parse --show-toplevel; pwd -P")).toBe(
      "/testbed\n/testbed\n/testbed\n",
    );
  });
});

/** True for the first environment that could be taken. */
function once(): () => boolean {
  let isDone = false;
  return () => !isDone && (isDone = true);
}

/** The same bytes at each call, which nothing compresses. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}
