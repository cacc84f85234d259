import { lstatSync, statSync } from "node:fs";
import { WORKSPACE } from "../../core/agent/sandbox.ts";
import type { BwrapOption } from "./bwrap-option.ts";
import { AGENT_HOME, type SystemView } from "./system-view.ts";

/**
 * What control sees. `/base` is the snapshot; `/w` will be the workspace's disk and `/g` control's own, neither of which
 * the agent sees.
 */
export function controlView(system: SystemView, base: string, access: "reads" | "writes"): BwrapOption[] {
  const tree = access === "writes" ? ["--bind", `${base}/tree`, WORKSPACE] : ["--dir", WORKSPACE];
  return [
    ["--ro-bind", "/usr", "/usr"],
    ...system.binds,
    ["--proc", "/proc"],
    ["--dev", "/dev"],
    ["--tmpfs", "/tmp"],
    ["--dir", "/w"],
    ["--dir", "/g"],
    ["--dir", "/agent/usr"],
    [access === "writes" ? "--bind" : "--ro-bind", base, "/base"],
    ["--ro-bind", `${base}/etc`, "/etc"],
    tree,
  ];
}

export interface InnerView {
  readonly usr: string;
  readonly home: string;
  /** Folder of control's that holds `tmp`, `vartmp` and `shm`. */
  readonly disk: string;
  /** Whether /usr, /etc, /var and /opt can be written to. */
  readonly system: "reads" | "writes";
}

/** What the agent sees, or the one who installs: paths on the left are control's. */
export function innerView(system: SystemView, view: InnerView): BwrapOption[] {
  const bind = view.system === "writes" ? "--bind" : "--ro-bind";
  return [
    [view.usr === "/usr" ? "--ro-bind" : bind, view.usr, "/usr"],
    ...["etc", "var", "opt"].map((name) => [bind, `/base/${name}`, `/${name}`]),
    ...system.binds,
    ["--proc", "/proc"],
    ...procMasks(),
    ["--dev", "/dev"],
    ["--bind", `${view.disk}/shm`, "/dev/shm"],
    ["--remount-ro", "/dev"],
    ["--bind", `${view.disk}/tmp`, "/tmp"],
    ["--bind", `${view.disk}/vartmp`, "/var/tmp"],
    ["--bind", view.home, AGENT_HOME],
    ["--dir", "/run"],
    ["--dir", "/root"],
    ["--bind", WORKSPACE, WORKSPACE],
    ["--chdir", WORKSPACE],
    // The root of bwrap's own is a file system in memory without a limit.
    ["--remount-ro", "/"],
  ];
}

const MASKED_FOLDERS = ["acpi", "asound", "bus", "driver", "fs", "irq", "scsi"];
const MASKED_FILES = [
  "kcore",
  "keys",
  "key-users",
  "kmsg",
  "kpagecgroup",
  "kpagecount",
  "kpageflags",
  "latency_stats",
  "sched_debug",
  "sysrq-trigger",
  "timer_list",
  "vmallocinfo",
];

/**
 * Hides what /proc shows, or lets change, of the kernel as a whole: when root starts serac, the agent's processes have
 * root's number, though none of its rights, and files like kernel/core_pattern ask for no more than the number.
 */
export function procMasks(): BwrapOption[] {
  const folders = MASKED_FOLDERS.filter((name) => statSync(`/proc/${name}`, { throwIfNoEntry: false })?.isDirectory());
  const files = MASKED_FILES.filter((name) => lstatSync(`/proc/${name}`, { throwIfNoEntry: false }));
  return [
    ["--ro-bind", "/proc/sys", "/proc/sys"],
    ...folders.flatMap((name) => [
      ["--tmpfs", `/proc/${name}`],
      ["--remount-ro", `/proc/${name}`],
    ]),
    ...files.map((name) => ["--ro-bind", "/dev/null", `/proc/${name}`]),
  ];
}
