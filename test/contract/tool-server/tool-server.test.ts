import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import type { BaseSnapshot, Sandbox, SandboxProvider } from "../../../core/agent/sandbox.ts";
import { systemClock } from "../../../core/errors/clock.ts";
import { createBubblewrapProvider, detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { connectToolServer, startToolServer, type ToolAddress, type ToolServer } from "../../../drivers/tool-server/index.ts";
import { decodeMessage, encodeMessage } from "../../../drivers/tool-server/message.ts";
import { LIMITS, exampleBase } from "../sandbox/sandbox-repository.ts";
import { text } from "../sandbox/sandbox-suite.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

const detection = await detectBubblewrap();
const SECRET = "t".repeat(64);

/** Without any cloud around it: whoever stands in front of another one day meets the same server. */
describe.skipIf(!detection.available)("the tool server", () => {
  let directory: string;
  let provider: SandboxProvider;
  let base: BaseSnapshot;
  let server: ToolServer;
  beforeAll(async () => {
    directory = temporaryFolder();
    provider = await createBubblewrapProvider({ mounts: [] });
    base = await exampleBase(provider, directory);
  });
  afterAll(async () => {
    await provider.close();
    removeFolderSync(directory);
  });
  beforeEach(async () => {
    server = await startToolServer({ provider, base, secret: SECRET, host: "127.0.0.1", port: 0 });
  });
  afterEach(async () => {
    await server.close();
  });

  const address = (more: Partial<ToolAddress> = {}): ToolAddress => ({
    url: `http://127.0.0.1:${server.port}`,
    secret: SECRET,
    headers: async () => ({}),
    whyGone: async () => null,
    ...more,
  });
  const open = async (more: Partial<ToolAddress> = {}): Promise<Sandbox> => {
    const options = { clock: systemClock, startMs: 5_000, silenceMs: 1_000, open: { limits: LIMITS }, close: async () => undefined };
    return (await connectToolServer(address(more), options)).sandbox;
  };
  const call = async (method: string, id: string, body?: Uint8Array, query = ""): Promise<{ status: number; body: Buffer }> => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/v1/calls/${id}${query}`, {
      method,
      headers: { authorization: `Bearer ${SECRET}` },
      ...(body && { body: Uint8Array.from(body) }),
    });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  };
  const exec = (command: string): Buffer => encodeMessage({ op: "exec", command, timeoutMs: 20_000, shell: "session" });
  const outputOf = ({ body }: { body: Buffer }): string => text(decodeMessage(body).body);

  test("serves the one workspace that it has", async () => {
    const sandbox = await open();
    expect(text((await sandbox.exec("cat README.md", { timeoutMs: 10_000, shell: "session" })).output)).toBe("# Example\n");
    await expect(open()).rejects.toMatchObject({ name: "SandboxError", message: expect.stringContaining("open already") });
    await sandbox.close();
  });

  test("asks nothing of one without the secret, and does nothing for one", async () => {
    await expect(open({ secret: "wrong" })).rejects.toMatchObject({ name: "SandboxError", message: expect.stringContaining("401") });
    await (await open()).close();
  });

  test("repeats an answer and not the work, and never works for an id again that is done with", async () => {
    await open();
    const id = randomUUID();
    const command = exec("echo x >>/tmp/times; wc -l </tmp/times");
    expect(outputOf(await call("PUT", id, command, "?wait=10000"))).toBe("1\n");
    expect(outputOf(await call("PUT", id, command, "?wait=10000"))).toBe("1\n");
    expect(outputOf(await call("GET", id))).toBe("1\n");
    expect((await call("PUT", id, exec("echo other"))).status).toBe(409);
    const done = await fetch(`http://127.0.0.1:${server.port}/v1/calls/${randomUUID()}`, {
      headers: { authorization: `Bearer ${SECRET}`, "x-serac-done": id },
    });
    expect(done.status).toBe(404);
    expect((await call("PUT", id, command)).status).toBe(410);
    expect(outputOf(await call("PUT", randomUUID(), exec("wc -l </tmp/times"), "?wait=10000"))).toBe("1\n");
  });

  test("does not begin what is ended before it arrives", async () => {
    await open();
    const id = randomUUID();
    expect((await call("DELETE", id)).status).toBe(200);
    expect((await call("PUT", id, exec("touch /tmp/late"))).status).toBe(409);
    expect(outputOf(await call("PUT", randomUUID(), exec("ls /tmp/late 2>&1 | grep -c cannot"), "?wait=10000"))).toBe("1\n");
  });

  test("begins nothing for half a request", async () => {
    await open();
    const id = randomUUID();
    const whole = exec("touch /tmp/half");
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => {
        socket.write(
          `PUT /v1/calls/${id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${SECRET}\r\ncontent-length: ${whole.length}\r\n\r\n`,
        );
        socket.write(whole.subarray(0, whole.length - 3), () => socket.destroy());
      });
      socket.once("close", () => resolve());
    });
    expect((await call("GET", id)).status).toBe(404);
    expect(outputOf(await call("PUT", randomUUID(), exec("ls /tmp/half 2>&1 | grep -c cannot"), "?wait=10000"))).toBe("1\n");
  });

  test("refuses what is not of its protocol, and works on", async () => {
    const bad: readonly (readonly [Buffer, number])[] = [
      [Buffer.from("x"), 400],
      [Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7b]), 400],
      [encodeMessage({ op: "unknown" }), 400],
      [encodeMessage({ op: "exec", command: "x", timeoutMs: -1, shell: "session" }), 400],
      [encodeMessage({ op: "diff", maxBytes: 1e12 }), 400],
      [encodeMessage({ op: "stat", path: 1 }), 400],
    ];
    for (const [body, status] of bad) expect((await call("PUT", randomUUID(), body)).status).toBe(status);
    expect((await call("PUT", "not-an-id", exec("x"))).status).toBe(404);
    expect((await call("POST", randomUUID(), exec("x"))).status).toBe(405);
    expect((await call("GET", randomUUID())).status).toBe(404);
    const announced = await new Promise<string>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => {
        socket.write(
          `PUT /v1/calls/${randomUUID()} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${SECRET}\r\ncontent-length: 999999999999\r\n\r\n`,
        );
      });
      socket.once("data", (bytes) => {
        resolve(bytes.toString("utf8"));
        socket.destroy();
      });
    });
    expect(announced).toMatch(/^HTTP\/1.1 413 /);
    await (await open()).close();
  });

  test("ends a command that nobody wants any more", async () => {
    await open();
    const id = randomUUID();
    expect((await call("PUT", id, exec("sleep 1000"))).status).toBe(202);
    expect((await call("DELETE", id)).status).toBe(200);
    expect(decodeMessage((await call("GET", id)).body).head).toMatchObject({ isDone: false, why: "aborted" });
    expect(outputOf(await call("PUT", randomUUID(), exec("pgrep -cx sleep"), "?wait=10000"))).toBe("0\n");
  });

  test("that another one has replaced is noticed", async () => {
    const sandbox = await open();
    const { port } = server;
    await server.close();
    server = await startToolServer({ provider, base, secret: SECRET, host: "127.0.0.1", port });
    await expect(sandbox.stat("/testbed")).rejects.toMatchObject({ message: expect.stringContaining("started anew") });
  });

  test("that is gone is given up, at once when somebody knows why", async () => {
    let why: string | null = null;
    const sandbox = await open({ whyGone: async () => why });
    await server.close();
    await expect(sandbox.stat("/testbed")).rejects.toMatchObject({ message: expect.stringContaining("could not be reached for 1 s") });
    why = "it was unplugged";
    await expect(sandbox.stat("/testbed")).rejects.toMatchObject({ message: expect.stringContaining("it was unplugged") });
    server = await startToolServer({ provider, base, secret: SECRET, host: "127.0.0.1", port: 0 });
  });

  test("is asked over https alone, but for this machine", async () => {
    await expect(open({ url: "http://192.0.2.1:8080" })).rejects.toThrow(TypeError);
    await expect(open({ url: "ftp://127.0.0.1" })).rejects.toThrow(TypeError);
  });
});
