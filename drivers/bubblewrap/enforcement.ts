import { release } from "node:os";
import type { SandboxLimits } from "../../core/agent/sandbox.ts";
import type { ControlGroups } from "./control-groups.ts";

/** How limits are kept on this machine. */
export interface Enforcement {
  readonly groups: ControlGroups | null;
  readonly memory: "control group" | "watchdog";
  readonly processes: "process namespace" | "control group" | "resource limit";
  /** For a person. */
  readonly notes: readonly string[];
}

/** Linux keeps `kernel.pid_max` per process namespace since 6.14; before that, setting it would change the whole host. */
const PID_MAX_SINCE = [6, 14] as const;
/** The kernel gives numbers below this only once (RESERVED_PIDS in kernel/pid.c), so up to as many more may run at first. */
const RESERVED_PIDS = 300;
const OWN_PROCESSES = 24;

export function chooseEnforcement(groups: ControlGroups | null, kernel = release()): Enforcement {
  const memory = groups?.limits.includes("memory") ? "control group" : "watchdog";
  const processes = groups?.limits.includes("processes") ? "control group" : hasOwnPidMax(kernel) ? "process namespace" : "resource limit";
  const isRoot = process.getuid?.() === 0;
  const notes = [
    memory === "control group"
      ? "Memory is limited by a control group per sandbox."
      : "Memory is limited by a watchdog that ends the largest process (no writable control group here).",
    processes === "resource limit" && isRoot
      ? "The number of processes cannot be limited for root on this kernel: run serac as an ordinary user."
      : `The number of processes is limited by a ${processes} per sandbox.`,
    "Disk is limited by a file system in memory, file size by a resource limit.",
  ];
  return { groups, memory, processes, notes };
}

function hasOwnPidMax(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10));
  return major > PID_MAX_SINCE[0] || (major === PID_MAX_SINCE[0] && minor >= PID_MAX_SINCE[1]);
}

/** Script for control. */
export function limitProcesses(enforcement: Enforcement, limits: SandboxLimits): string {
  if (!hasOwnPidMax(release())) return ":";
  return `echo ${RESERVED_PIDS + OWN_PROCESSES + limits.processes} >/proc/sys/kernel/pid_max || :`;
}

/** `ulimit` arguments for what runs inside the inner wall. */
export function resourceLimits(enforcement: Enforcement, limits: SandboxLimits): string[] {
  const all = [`-f ${limits.fileMb * 1024}`];
  // The kernel does not hold root to it; for others it counts the processes of this user namespace (since Linux 5.14).
  if (process.getuid?.() !== 0) all.push(`-u ${limits.processes}`);
  // Writable private memory of one process; the watchdog looks after the sum.
  if (enforcement.memory === "watchdog") all.push(`-d ${limits.memoryMb * 1024}`);
  return all;
}
