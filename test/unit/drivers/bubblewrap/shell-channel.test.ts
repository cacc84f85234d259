import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createShellPipes, guestEnds } from "../../../../drivers/bubblewrap/pipes.ts";
import {
  createShellChannel,
  GUEST_FD,
  plainReport,
  type RunOptions,
  type ShellChannel,
} from "../../../../drivers/bubblewrap/shell-channel.ts";
import { removeFolderSync, temporaryFolder } from "../../../folder.ts";

const OPTIONS: RunOptions = { reportLines: plainReport, timeoutMs: 10_000, keepBytes: 100_000, stopBytes: 10_000_000 };

describe("a bash that is driven over pipes", () => {
  let scratch: string;
  let channel: ShellChannel;
  let shell: ChildProcess;

  beforeEach(async () => {
    scratch = temporaryFolder();
    const pipes = await createShellPipes(scratch, 1);
    const guests = guestEnds(pipes);
    shell = spawn("bash", ["--noprofile", "--norc", "/dev/fd/3"], { stdio: ["ignore", "ignore", "ignore", ...guests] });
    for (const fd of guests) closeSync(fd);
    channel = createShellChannel(pipes[0]!);
    channel.send(`exec ${GUEST_FD.data}>&4 ${GUEST_FD.report}>&5 ${GUEST_FD.feed}<&6`);
  });
  afterEach(() => {
    channel.close();
    shell.kill("SIGKILL");
    removeFolderSync(scratch);
  });
  const run = (script: string, options: Partial<RunOptions> = {}): ReturnType<ShellChannel["run"]> =>
    channel.run(`{ ${script}\n} >&${GUEST_FD.data}`, { ...OPTIONS, ...options });

  test("leaves no named pipe behind", () => {
    expect(readdirSync(scratch)).toEqual([]);
  });

  test("gives all output that was written before the report, however much", async () => {
    for (const size of [0, 1, 65_536, 65_537, 1_000_000]) {
      const result = await run(`head -c ${size} /dev/zero; (exit 3)`);
      expect(result).toMatchObject({ end: "report", report: { status: 3 } });
      expect(result.output.length).toBe(Math.min(size, OPTIONS.keepBytes));
      expect(result.output.length + result.omittedBytes).toBe(size);
    }
  });

  test("feeds bytes to a command, and takes back what the command left", async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => at % 256);
    const all = await run(`head -c ${bytes.length} <&${GUEST_FD.feed}`, { feed: bytes, keepBytes: 1_000_000 });
    expect(all.output.equals(bytes)).toBe(true);
    const part = await run(`head -c 10 <&${GUEST_FD.feed}`, { feed: bytes });
    expect([...part.output]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const next = await run(`head -c 3 <&${GUEST_FD.feed}`, { feed: Buffer.from("new") });
    expect(next.output.toString()).toBe("new");
  });

  test("ends by time, by too much output, by a signal, or when the shell is gone", async () => {
    expect((await run("head -c 20000000 /dev/zero")).end).toBe("overflow");
    channel.reset();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    expect((await run("sleep 0.3", { signal: controller.signal })).end).toBe("aborted");
    expect((await run("sleep 10", { timeoutMs: 400 })).end).toBe("timeout");
    const ending = run("sleep 10");
    setTimeout(() => channel.fail(), 10);
    expect((await ending).end).toBe("ended");
    channel.close();
    expect((await run("echo")).end).toBe("ended");
  });

  test("takes no report under another name for the command's own", async () => {
    const result = await run(String.raw`printf 'x\0001\0/\0\0' >&99; printf '%032d\0%s\0/\0\0' 0 9 >&99; echo out; (exit 4)`);
    expect(result).toMatchObject({ end: "report", report: { status: 4 } });
    expect(result.output.toString()).toBe("out\n");
  });

  test("hears reports that were agreed upon", async () => {
    const heard = new Promise((resolve) => channel.expect("agreed", (report) => resolve(report.status)));
    await run(String.raw`printf 'agreed\0007\0\0\0' >&99`);
    expect(await heard).toBe(7);
  });
});
