import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { platform } from "node:os";
import { promisify } from "node:util";
import { startMachine } from "./machine.ts";
import { innerCommand } from "./inner.ts";
import { makeScratch } from "./scratch.ts";
import { describeSystem, procMasks } from "./system-view.ts";
import { rmSync } from "node:fs";

export type Detection = { available: true } | { available: false; reason: string };

/** Really builds both walls once, which is the only way to know: distributions forbid user namespaces in many ways. */
export async function detectBubblewrap(): Promise<Detection> {
  const no = (reason: string): Detection => ({ available: false, reason });
  if (platform() !== "linux") return no("bubblewrap needs Linux");
  for (const [program, what] of [
    ["bwrap", "bubblewrap is not installed (package `bubblewrap`)"],
    ["git", "git is not installed"],
    ["bash", "bash is not installed"],
  ] as const) {
    try {
      await promisify(execFile)(program, ["--version"]);
    } catch {
      return no(what);
    }
  }
  if (!["/usr/bin", "/bin"].some((folder) => existsSync(`${folder}/bash`)))
    return no("bash is not below /usr, so it cannot be seen inside");
  const scratch = makeScratch();
  try {
    const system = describeSystem([], "");
    const machine = await startMachine({
      binds: ["--ro-bind", "/usr", "/usr", ...system.binds, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", "/w"],
      network: false,
      joinFiles: [],
      scratch,
      path: "/usr/bin:/bin",
    });
    try {
      const inner = innerCommand(
        {
          binds: ["--ro-bind", "/usr", "/usr", ...system.binds, "--proc", "/proc", ...procMasks(), "--dev", "/dev", "--remount-ro", "/"],
          environment: { PATH: "/usr/bin:/bin" },
          userId: 1000,
          resourceLimits: [],
        },
        ["--unshare-net", "--disable-userns", "--cap-drop", "ALL"],
      );
      const result = await machine.run(`mount -t tmpfs tmpfs /w && ${inner} bash -c 'echo inside'`, { timeoutMs: 10_000 });
      const output = result.output.toString("utf8").trim();
      return output.endsWith("inside") ? { available: true } : no(`a sandbox inside the sandbox could not be made: ${output}`);
    } finally {
      await machine.kill();
    }
  } catch (error) {
    return no(`user namespaces do not work here: ${(error as Error).message}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
