import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Sandbox } from "../../../core/agent/sandbox.ts";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import type { FakeMachine } from "../../microvm/fake-machines.ts";
import { startHarness, type Harness } from "../../microvm/harness.ts";
import { openOn, prepareIn, said } from "./open.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const detection = await detectBubblewrap();

describe.skipIf(!detection.available)("hostile commands beside the tool server", () => {
  let harness: Harness;
  let sandbox: Sandbox;
  let machine: FakeMachine;
  let secret: string;
  beforeAll(async () => {
    harness = await startHarness();
    const provider = harness.provider();
    sandbox = await openOn(provider, await prepareIn(provider, "runs/hostile"));
    [machine] = harness.api.running() as [FakeMachine];
    const { body } = harness.api.requests.findLast(({ operation }) => operation === "RunMicrovm")!;
    ({ secret } = JSON.parse(String(body["runHookPayload"])) as { secret: string });
  });
  afterAll(async () => {
    await sandbox.close();
    await harness.stop();
  });

  test("reach neither the tool server nor the hooks", async () => {
    const hooks = await machine.guest.hookPort;
    const ports = [machine.guest.toolPort()!, hooks, Number(new URL(machine.endpoint).port), 8080, 9000];
    const attempt = ports.map((port) => `(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo reached ${port}`).join("\n");
    expect(await said(sandbox, attempt)).toBe("");
    // Outside, the same port does answer, so it would have shown a missing wall.
    expect(await machine.guest.hook("ready", "")).toBe(200);
  });

  test("find the secret and the server's files nowhere", async () => {
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    const found = await said(
      sandbox,
      "env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; ls /opt /var/lib /opt/serac /var/lib/serac 2>/dev/null; cat /proc/*/maps 2>/dev/null | grep -c server.mjs",
    );
    expect(found).not.toContain(secret);
    expect(found).not.toContain("serac");
    expect(await said(sandbox, `grep -rl ${secret.slice(0, 20)} /testbed /tmp /home /etc /var /dev/shm /run 2>/dev/null`)).toBe("");
    expect(
      await said(
        sandbox,
        `find / -name server.mjs -not -path '/proc/*' 2>/dev/null; find / -name repository.pack -not -path '/proc/*' 2>/dev/null`,
      ),
    ).toBe("");
    expect(machine.guest.log.join("\n")).not.toContain(secret);
  });

  test("see no process of the server's, and end none", async () => {
    await said(sandbox, "kill -9 -1");
    await said(sandbox, "pkill -9 node; for i in $(seq 2 300); do kill -9 $i; done 2>/dev/null");
    expect(await said(sandbox, "cat /proc/[0-9]*/comm | sort -u | grep -c node")).toBe("0\n");
    expect(await said(sandbox, "cat README.md")).toBe("# Example\n");
  });

  test("an owner of the machine's address has nothing without the secret, and the run hook counts once", async () => {
    const tools = `http://127.0.0.1:${machine.guest.toolPort()}`;
    const call = `${tools}/v1/calls/00000000-0000-0000-0000-000000000000`;
    for (const headers of [{}, { authorization: "Bearer " }, { authorization: `Bearer ${"0".repeat(64)}` }, { authorization: secret }]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const { status } = await fetch(call, { method, headers, ...(method === "PUT" && { body: "x" }) });
        expect(status).toBe(401);
      }
    }
    const payload = JSON.stringify({ secret: "1".repeat(64) });
    expect(await machine.guest.hook("run", JSON.stringify({ microvmId: machine.id, runHookPayload: payload }))).toBe(409);
    expect((await fetch(call, { headers: { authorization: `Bearer ${"1".repeat(64)}` } })).status).toBe(401);
    expect(await said(sandbox, "echo usable")).toBe("usable\n");
  });
});
