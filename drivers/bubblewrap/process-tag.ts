import { readFileSync } from "node:fs";

/** A process as a name in a file system can carry it: number and start time, so that a reused number is told apart. */
export interface ProcessOwner {
  readonly pid: number;
  readonly startedAt: string;
}

const own = `${process.pid}-${startTime(process.pid) ?? "0"}`;

export const processTag = (): string => own;

export function ownerOfTag(text: string): ProcessOwner | null {
  const found = /^(\d+)-(\d+)/.exec(text);
  return found ? { pid: Number(found[1]), startedAt: found[2]! } : null;
}

/** Null when there is no such process. */
export function ownerOfProcess(pid: number): ProcessOwner | null {
  const startedAt = startTime(pid);
  return startedAt === null ? null : { pid, startedAt };
}

export const isProcessAlive = (owner: ProcessOwner): boolean => startTime(owner.pid) === owner.startedAt;

/** Field 22 of /proc/<pid>/stat (proc(5)); the second field is a name in parentheses, which may hold anything. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
