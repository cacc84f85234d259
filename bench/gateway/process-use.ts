import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second everywhere. */
const TICK_MS = 10;

/** CPU that a process and its children have used so far, user and system. Milliseconds, in steps of ten. */
export function cpuMs(pid: number): number {
  return family(pid).reduce((sum, member) => {
    const fields = readFileSync(`/proc/${member}/stat`, "latin1").split(") ").at(-1)!.split(" ");
    return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }, 0);
}

/** Of the memory at hand now, what lies in files: the binary of Node and libraries, which all processes share. Megabytes. */
export function fileRssMb(pid: number): number {
  const file = /^RssFile:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return (Number(file?.[1] ?? 0) * 1024) / 1e6;
}

/** The most memory that a process and its children ever had at hand. Megabytes. */
export function peakRssMb(pid: number): number {
  return family(pid).reduce((sum, member) => {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${member}/status`, "latin1"));
    return sum + (Number(peak?.[1] ?? 0) * 1024) / 1e6;
  }, 0);
}

function family(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => childrenOf(`/proc/${pid}/task/${task}/children`));
  return [pid, ...children.flatMap(family)];
}

/** None of a thread that has ended meanwhile. */
function childrenOf(file: string): readonly number[] {
  try {
    return readFileSync(file, "latin1").split(" ").filter(Boolean).map(Number);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return [];
    throw error;
  }
}
