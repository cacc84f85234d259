import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MACHINE_START } from "../../../lib/constructs/training/machine-start.ts";
import { passingFolder } from "./synthesis.ts";

const ROOT_DISK = "/dev/nvme0n1 Amazon Elastic Block Store";
const own = (number: number): string => `/dev/nvme${number}n1 Amazon EC2 NVMe Instance Storage`;
/** What would touch this machine; each notes how it was called. */
const COMMANDS = ["mdadm", "mkfs.xfs", "mount", "modprobe", "dnf"];

/** Runs the script with commands of the test's, below a folder of the test's. */
function start(disks: readonly string[], without: readonly string[] = []) {
  const folder = passingFolder();
  const bin = join(folder, "bin");
  const ecs = join(folder, "ecs.config");
  const scratch = join(folder, "scratch");
  const calls = join(folder, "calls");
  mkdirSync(bin);
  writeFileSync(ecs, "ECS_CLUSTER=mine\n");
  writeFileSync(calls, "");
  const add = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const name of COMMANDS.filter((command) => !without.includes(command))) add(name, `echo "${name} $*" >>${calls}`);
  // As a package brings its command with it.
  if (without.includes("mdadm"))
    add("dnf", `echo "dnf $*" >>${calls}; printf '#!/bin/sh\\necho "mdadm $*" >>${calls}\\n' >${bin}/mdadm; chmod 755 ${bin}/mdadm`);
  add("lsblk", `cat <<'END'\n${[ROOT_DISK, ...disks].join("\n")}\nEND`);
  for (const tool of ["awk", "grep", "mkdir", "chmod", "cat"]) add(tool, `exec /usr/bin/${tool} "$@"`);
  const script = MACHINE_START.replaceAll("/etc/ecs/ecs.config", ecs).replaceAll("/scratch", scratch);
  execFileSync("/bin/bash", ["--norc", "-c", script], { env: { PATH: bin }, stdio: "ignore" });
  return { calls: readFileSync(calls, "utf8").replaceAll(scratch, "/scratch").trim().split("\n"), config: readFileSync(ecs, "utf8") };
}

describe("what a machine does first", () => {
  it("makes all disks of its own one, and leaves the system's alone", () => {
    const { calls } = start([own(1), own(2), own(3)]);
    expect(calls).toEqual([
      "mdadm --create /dev/md0 --run --level=0 --raid-devices=3 /dev/nvme1n1 /dev/nvme2n1 /dev/nvme3n1",
      "mkfs.xfs -f /dev/md0",
      "mount -o noatime /dev/md0 /scratch",
      "modprobe efa",
    ]);
  });

  it("installs what makes one disk of several, where that is missing", () => {
    const { calls } = start([own(1), own(2)], ["mdadm"]);
    expect(calls.slice(0, 2)).toEqual([
      "dnf --assumeyes install mdadm",
      "mdadm --create /dev/md0 --run --level=0 --raid-devices=2 /dev/nvme1n1 /dev/nvme2n1",
    ]);
  });

  it("takes a single disk as it is, and the system's where there is none", () => {
    expect(start([own(1)]).calls).toEqual(["mkfs.xfs -f /dev/nvme1n1", "mount -o noatime /dev/nvme1n1 /scratch", "modprobe efa"]);
    expect(start([]).calls).toEqual(["modprobe efa"]);
  });

  it("goes on without EFA's driver, and adds to what ECS is told", () => {
    const { config } = start([], ["modprobe"]);
    expect(config.split("\n")).toEqual([
      "ECS_CLUSTER=mine",
      "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      "ECS_CONTAINER_STOP_TIMEOUT=110s",
      "ECS_ENABLE_GPU_SUPPORT=true",
      "",
    ]);
  });
});
