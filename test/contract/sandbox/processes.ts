import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process, told apart from a later one with the same number. */
export interface SeenProcess {
  readonly pid: number;
  readonly startedAt: string;
  readonly name: string;
}

interface Stat extends SeenProcess {
  readonly parent: number;
  readonly state: string;
}

function readStat(pid: number): Stat | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const name = line.slice(line.indexOf("(") + 1, line.lastIndexOf(")"));
    return { pid, name, state: fields[0]!, parent: Number(fields[1]), startedAt: fields[19]! };
  } catch {
    return null;
  }
}

/** Every process below `root`, as /proc shows it now. Processes of a sandbox cannot leave their namespace, so they stay below. */
export function descendants(root: number): SeenProcess[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== null);
  const found: Stat[] = [];
  const parents = new Set([root]);
  for (let grew = true; grew;) {
    grew = false;
    for (const stat of all) {
      if (!parents.has(stat.parent) || parents.has(stat.pid)) continue;
      parents.add(stat.pid);
      found.push(stat);
      grew = true;
    }
  }
  return found;
}

/** Those of `processes` that still run; a zombie that waits for its parent does not. */
function stillRunning(processes: readonly SeenProcess[]): SeenProcess[] {
  return processes.filter(({ pid, startedAt }) => {
    const now = readStat(pid);
    return now !== null && now.startedAt === startedAt && now.state !== "Z" && now.state !== "X";
  });
}

/** Polls until none of them runs, or gives up and returns the rest. */
export async function waitUntilGone(processes: readonly SeenProcess[]): Promise<SeenProcess[]> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (stillRunning(processes).length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return stillRunning(processes);
}

/** Processes that hold an open file whose name contains `text`. */
export function holdersOf(text: string): SeenProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && openFiles(name).some((file) => file.includes(text)))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== null);
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    // It ended while we looked.
    return [];
  }
}
