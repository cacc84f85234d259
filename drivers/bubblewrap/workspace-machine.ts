import type { SandboxLimits } from "../../core/agent/sandbox.ts";
import type { BaseManifest } from "./base-folder.ts";
import { GIT_ENVIRONMENT } from "./changes.ts";
import { limitProcesses, resourceLimits, type Enforcement } from "./enforcement.ts";
import type { InnerPlan } from "./inner.ts";
import { AGENT_ID, agentEnvironment, type SystemView } from "./system-view.ts";
import { innerView } from "./views.ts";

/** Script for control: disk, tree, home and limits. Prints `overlay` or `clone`. */
export function setUpWorkspace(manifest: BaseManifest, limits: SandboxLimits, enforcement: Enforcement, allowOverlay: boolean): string {
  const inodes = 10_000 + limits.diskMb * 256;
  const cloneMb = limits.diskMb + Math.ceil(manifest.treeBytes / 1_000_000) * 2;
  return [
    "set_up() {",
    GIT_ENVIRONMENT,
    limitProcesses(enforcement, limits),
    `mount -t tmpfs -o mode=755,size=${limits.diskMb}m,nr_inodes=${inodes} tmpfs /w && mount -t tmpfs -o mode=700,size=${limits.diskMb * 2 + 64}m tmpfs /g || return 1`,
    "mkdir /g/objects /w/up /w/up.work /w/home /w/home.work /w/homeview /w/tree; mkdir -m 1777 /w/tmp /w/vartmp /w/shm",
    allowOverlay ? `if ${overlay("/base/tree", "up", "/testbed")} 2>/dev/null; then echo overlay; else` : "if :; then",
    `mount -o remount,size=${cloneMb}m /w && cp -a --reflink=auto /base/tree/. /w/tree && mount --bind /w/tree /testbed && echo clone; fi || return 1`,
    manifest.hasHome ? `${overlay("/base/home", "home", "/w/homeview")} 2>/dev/null || cp -a /base/home/. /w/homeview || return 1` : ":",
    manifest.layers.includes("usr") ? "mount -t overlay overlay -o lowerdir=/base/usr:/usr,userxattr /agent/usr || return 1" : ":",
    "}; set_up",
  ].join("\n");
}

export function agentPlan(system: SystemView, manifest: BaseManifest, limits: SandboxLimits, enforcement: Enforcement): InnerPlan {
  const usr = manifest.layers.includes("usr") ? "/agent/usr" : "/usr";
  return {
    view: innerView(system, { usr, home: "/w/homeview", disk: "/w", system: "reads" }),
    environment: agentEnvironment(system.path),
    userId: AGENT_ID,
    resourceLimits: resourceLimits(enforcement, limits),
  };
}

const overlay = (lower: string, name: string, at: string): string =>
  `mount -t overlay overlay -o lowerdir=${lower},upperdir=/w/${name},workdir=/w/${name}.work,userxattr ${at}`;
