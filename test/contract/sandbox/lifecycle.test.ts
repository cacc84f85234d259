import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBubblewrapProvider, detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { descendants, holdersOf, type SeenProcess, waitUntilGone } from "./processes.ts";
import { LIMITS, exampleBase } from "./sandbox-repository.ts";
import { text } from "./sandbox-suite.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

const detection = await detectBubblewrap();
const worker = fileURLToPath(new URL("sandbox-worker.ts", import.meta.url));
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

describe.skipIf(!detection.available)("the life of a bubblewrap sandbox", () => {
  let directory: string;
  beforeEach(() => {
    directory = temporaryFolder();
    chmodSync(directory, 0o755);
  });
  afterEach(() => {
    removeFolderSync(directory);
  });

  function startWorker(args: readonly string[], asNobody = false): ChildProcess {
    const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", TMPDIR: directory };
    return spawn(process.execPath, [worker, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      env,
      ...(asNobody && { uid: NOBODY, gid: NOBODY }),
    });
  }
  async function firstLine(child: ChildProcess): Promise<{ outputs: string[]; notes: string[] }> {
    let heard = "";
    for await (const bytes of child.stdout!) {
      heard += String(bytes);
      if (heard.includes("\n")) break;
    }
    return JSON.parse(heard.split("\n")[0]!);
  }

  test("ends with its worker, also when that is killed, and the next provider clears up", async () => {
    const child = startWorker([path.join(directory, "base"), "3"]);
    const { outputs } = await firstLine(child);
    expect(outputs).toHaveLength(3);
    const inside = descendants(child.pid!);
    expect(inside.filter(({ name }) => name === "sleep").length).toBeGreaterThanOrEqual(3);
    child.kill("SIGKILL");
    expect(await waitUntilGone(inside)).toEqual([]);
    const left = readdirSync(directory).filter((name) => name.startsWith("serac-"));
    expect(left).toHaveLength(1);
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = directory;
    try {
      const provider = await createBubblewrapProvider({ mounts: [] });
      expect(readdirSync(directory)).not.toContain(left[0]);
      await provider.close();
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
    expect(readdirSync(directory).filter((name) => name.startsWith("serac-"))).toEqual([]);
    expect(globSync(`/sys/fs/cgroup/**/serac-${child.pid}-*`)).toEqual([]);
  });

  test("ends with its worker in whatever moment that is killed", async () => {
    const base = path.join(directory, "base");
    await firstLine(startWorker([base, "0", "finish"]));
    for (let round = 0; round < 12; round++) {
      const child = startWorker([base, "4"]);
      await new Promise((resolve) => setTimeout(resolve, 250 + 40 * round));
      child.kill("SIGKILL");
      expect(await waitUntilGone(holdersOf(`serac-sandbox-${child.pid}-`))).toEqual([]);
    }
  });

  test.skipIf(!isRoot)("works the same for an ordinary user", async () => {
    chownSync(directory, NOBODY, NOBODY);
    const child = startWorker([path.join(directory, "base"), "2", "finish"], true);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const { outputs, notes } = await firstLine(child);
    expect(outputs).toHaveLength(2);
    for (const output of outputs) {
      expect(output).toMatch(/^1000 # Example\n/);
      expect(output).toContain("+more");
    }
    expect(notes.join(" ")).toMatch(/limited/);
    expect(await ended).toBe(0);
    expect(readdirSync(directory).filter((name) => name.startsWith("serac-"))).toEqual([]);
  });

  test("many live side by side, each with its own changes, and all end with the provider", async () => {
    const provider = await createBubblewrapProvider({ mounts: [] });
    const base = await exampleBase(provider, directory);
    const before = descendants(process.pid);
    const numbers = Array.from({ length: 24 }, (_, number) => number);
    const sandboxes = await Promise.all(numbers.map(() => provider.open(base, { limits: LIMITS })));
    const diffs = await Promise.all(
      sandboxes.map(async (sandbox, number) => {
        await sandbox.exec(`sleep 1000 & echo number ${number} >own.txt`, { timeoutMs: 20_000, shell: "session" });
        return text(await sandbox.diff(100_000));
      }),
    );
    for (const number of numbers) expect(diffs[number]).toContain(`\n+number ${number}\n`);
    const known = new Set(before.map(({ pid }) => pid));
    const inside = descendants(process.pid).filter(({ pid }) => !known.has(pid));
    expect(inside.length).toBeGreaterThanOrEqual(24 * 4);
    await provider.close();
    expect(await waitUntilGone(inside)).toEqual([]);
    await expect(provider.open(base, { limits: LIMITS })).rejects.toThrow("closed");
    await expect(sandboxes[0]!.exec("echo", { timeoutMs: 1000, shell: "session" })).rejects.toThrow("closed");
  });

  test("an idle one costs little memory", async () => {
    const provider = await createBubblewrapProvider({ mounts: [] });
    const base = await exampleBase(provider, directory);
    const known = new Set(descendants(process.pid).map(({ pid }) => pid));
    const sandbox = await provider.open(base, { limits: LIMITS });
    await sandbox.exec("echo a >a.txt", { timeoutMs: 20_000, shell: "session" });
    await sandbox.checkpoint(100_000);
    const inside = descendants(process.pid).filter(({ pid }) => !known.has(pid));
    const ownKb = inside
      .map(({ pid }) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]))
      .reduce((sum, next) => sum + next, 0);
    expect(ownKb).toBeGreaterThan(0);
    expect(ownKb).toBeLessThan(10_000);
    await provider.close();
  });

  test("one that is cancelled while it opens leaves nothing", async () => {
    const provider = await createBubblewrapProvider({ mounts: [] });
    const base = await exampleBase(provider, directory);
    const known = new Set(descendants(process.pid).map(({ pid }) => pid));
    const controller = new AbortController();
    const opening = provider.open(base, { limits: LIMITS, signal: controller.signal });
    controller.abort(new Error("cancelled by the test"));
    await expect(opening).rejects.toThrow("cancelled by the test");
    expect(await waitUntilGone(descendants(process.pid).filter(({ pid }) => !known.has(pid)))).toEqual([]);
    await provider.close();
  });

  test("one whose machine was killed from outside says so", async () => {
    const provider = await createBubblewrapProvider({ mounts: [] });
    const base = await exampleBase(provider, directory);
    const known = new Set(descendants(process.pid).map(({ pid }) => pid));
    const sandbox = await provider.open(base, { limits: LIMITS });
    const running = sandbox.exec("sleep 1000", { timeoutMs: 30_000, shell: "session" });
    killAll(descendants(process.pid).filter((seen) => !known.has(seen.pid) && seen.name === "bwrap"));
    await expect(running).rejects.toMatchObject({ code: "sandbox_failed" });
    await expect(sandbox.readFile("/testbed/README.md", 1000)).rejects.toMatchObject({ code: "sandbox_failed" });
    await sandbox.close();
    await provider.close();
  });
});

/** One that has ended with another before its turn is no matter. */
function killAll(processes: readonly SeenProcess[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}
