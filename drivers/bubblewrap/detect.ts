import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { platform } from "node:os";
import { promisify } from "node:util";
import { startMachine } from "./machine.ts";
import { AGENT_ISOLATION, innerCommand, type InnerPlan } from "./inner.ts";
import { makeScratch } from "./scratch.ts";
import { AGENT_ID, describeSystem } from "./system-view.ts";
import type { BwrapOption } from "./bwrap-option.ts";
import { procMasks } from "./views.ts";

function no(reason: string): Detection {
  const isOld = /unknown option/i.test(reason);
  return { available: false, reason: isOld ? `bubblewrap is too old, 0.8.0 or newer is needed (${reason})` : reason };
}

export type Detection = { available: true } | { available: false; reason: string };

/** Really builds both walls once, which is the only way to know: distributions forbid user namespaces in many ways. */
export async function detectBubblewrap(): Promise<Detection> {
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
    const shared: BwrapOption[] = [["--ro-bind", "/usr", "/usr"], ...system.binds, ["--proc", "/proc"]];
    const machine = await startMachine({
      view: [...shared, ["--dev", "/dev"], ["--tmpfs", "/tmp"], ["--dir", "/w"]],
      network: false,
      joinFiles: [],
      scratch,
    });
    try {
      const plan: InnerPlan = {
        view: [...shared, ...procMasks(), ["--dev", "/dev"], ["--remount-ro", "/"]],
        environment: { PATH: "/usr/bin:/bin" },
        userId: AGENT_ID,
        resourceLimits: [],
      };
      const inner = innerCommand(plan, AGENT_ISOLATION);
      const result = await machine.run(`mount -t tmpfs tmpfs /w && ${inner} bash -c 'echo inside'`, { timeoutMs: 10_000 });
      const output = result.output.toString("utf8").trim();
      return output.endsWith("inside") ? { available: true } : no(`a sandbox inside the sandbox could not be made: ${output}`);
    } finally {
      await machine.kill();
    }
  } catch (error) {
    return no(`user namespaces do not work here: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
