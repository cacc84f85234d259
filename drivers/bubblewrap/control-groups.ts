import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { SandboxLimits } from "../../core/agent/sandbox.ts";
import { isErrorWithCode } from "./error-code.ts";
import { isProcessAlive, processTag, ownerOfTag } from "./process-tag.ts";

/** Kernel control groups in which each sandbox gets one of its own. */
export interface ControlGroups {
  readonly limits: readonly ("memory" | "processes")[];
  /** Returns the files that a process writes itself into, and how to remove the group when all have ended. */
  create(limits: SandboxLimits): { joinFiles: readonly string[]; remove: () => Promise<void> };
}

interface Hierarchy {
  readonly folder: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

const PREFIX = "serac-";
/** Processes of the walls themselves. */
const OWN_PROCESSES = 24;

/** Null when this process may not make groups: common for an ordinary user, and in containers. */
export async function findControlGroups(): Promise<ControlGroups | null> {
  const usable: Hierarchy[] = [];
  for (const hierarchy of candidates()) {
    const known = usable.flatMap((found) => found.controllers);
    const fresh = hierarchy.controllers.filter((name) => !known.includes(name));
    if (fresh.length > 0 && (await canUse(hierarchy))) usable.push({ ...hierarchy, controllers: fresh });
  }
  if (usable.length === 0) return null;
  for (const { folder } of usable) removeStale(folder);
  let count = 0;
  const controllers = new Set(usable.flatMap((found) => found.controllers));
  return {
    limits: [...(controllers.has("memory") ? (["memory"] as const) : []), ...(controllers.has("pids") ? (["processes"] as const) : [])],
    create(limits) {
      const name = `${PREFIX}${processTag()}-${++count}`;
      const made: string[] = [];
      for (const hierarchy of usable) {
        const group = path.join(hierarchy.folder, name);
        mkdirSync(group);
        made.push(group);
        for (const [file, value] of settings(hierarchy, limits)) writeIfThere(path.join(group, file), value);
      }
      return { joinFiles: made.map((group) => path.join(group, "cgroup.procs")), remove: () => removeAll(made) };
    },
  };
}

function settings(hierarchy: Hierarchy, limits: SandboxLimits): (readonly [file: string, value: string])[] {
  const bytes = String(limits.memoryMb * 1_048_576);
  const processes = String(limits.processes + OWN_PROCESSES);
  const all: (readonly [string, string])[] = [];
  if (hierarchy.controllers.includes("memory")) {
    if (hierarchy.version === 2) all.push(["memory.max", bytes], ["memory.swap.max", "0"]);
    else all.push(["memory.limit_in_bytes", bytes], ["memory.memsw.limit_in_bytes", bytes]);
  }
  if (hierarchy.controllers.includes("pids")) all.push(["pids.max", processes]);
  return all;
}

function candidates(): Hierarchy[] {
  const found: Hierarchy[] = [];
  try {
    const own = readFileSync("/proc/self/cgroup", "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(":"));
    for (const line of readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n")) {
      const [head = "", tail = ""] = line.split(" - ");
      const [, , , root = "/", mount = ""] = head.split(" ");
      const [type, , options = ""] = tail.split(" ");
      if (type === "cgroup") {
        for (const controller of ["memory", "pids"]) {
          if (!options.split(",").includes(controller)) continue;
          const at = own.find(([, names]) => names?.split(",").includes(controller))?.[2] ?? "/";
          for (const folder of [...new Set([inside(mount, root, at), mount])])
            found.push({ folder, version: 1, controllers: [controller] });
        }
      } else if (type === "cgroup2") {
        const at = own.find(([id]) => id === "0")?.[2] ?? "/";
        for (let folder = inside(mount, root, at); folder.startsWith(mount); folder = path.dirname(folder)) {
          const enabled = readIfThere(path.join(folder, "cgroup.subtree_control")).split(/\s+/);
          const controllers = ["memory", "pids"].filter((name) => enabled.includes(name));
          if (controllers.length > 0) found.push({ folder, version: 2, controllers });
          if (folder === mount) break;
        }
      }
    }
  } catch {
    // No /proc, or one of another shape: no control groups then.
  }
  return found;
}

const inside = (mount: string, root: string, own: string): string => path.join(mount, root === "/" ? own : own.slice(root.length));

async function canUse(hierarchy: Hierarchy): Promise<boolean> {
  const probe = path.join(hierarchy.folder, `${PREFIX}${processTag()}-probe`);
  try {
    accessSync(hierarchy.folder, constants.W_OK);
    mkdirSync(probe);
  } catch {
    return false;
  }
  try {
    const file = path.join(probe, "cgroup.procs");
    for (const [name, value] of settings(hierarchy, { memoryMb: 64, processes: 16, diskMb: 1, fileMb: 1 })) {
      if (name === "memory.max" || name === "memory.limit_in_bytes" || name === "pids.max") writeFileSync(path.join(probe, name), value);
    }
    await promisify(execFile)("/bin/sh", ["-c", 'echo 0 >"$1"', "sh", file]);
    return true;
  } catch {
    return false;
  } finally {
    await removeAll([probe]);
  }
}

function writeIfThere(file: string, value: string): void {
  if (existsSync(file)) writeFileSync(file, value);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const REMOVE_ATTEMPTS = 50;
const REMOVE_PAUSE_MS = 10;

/** The kernel lets go of a group a moment after its last process. */
async function removeAll(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS && !removed(group); attempt++)
      await new Promise((resolve) => setTimeout(resolve, REMOVE_PAUSE_MS));
  }
}

function removed(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    return isErrorWithCode(error, "ENOENT");
  }
}

/** Groups of a serac that was killed. */
function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(PREFIX)) continue;
    const owner = ownerOfTag(name.slice(PREFIX.length));
    if (owner && !isProcessAlive(owner)) removed(path.join(folder, name));
  }
}
