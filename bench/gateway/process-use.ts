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

/** The most memory that a process and its children ever had at hand. Megabytes. */
export function peakRssMb(pid: number): number {
  return family(pid).reduce((sum, member) => {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${member}/status`, "latin1"));
    return sum + (Number(peak?.[1] ?? 0) * 1024) / 1e6;
  }, 0);
}

function family(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
}
