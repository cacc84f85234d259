import { readFileSync, readdirSync } from "node:fs";

const EVERY_MS = 250;
const PAGE_BYTES = 4096;

export interface Watchdog {
  stop(): void;
}

export interface Watched {
  /** The machine's /proc, as it is seen from here. */
  readonly proc: string;
  /** Whether a process is one of ours, which limits itself. */
  readonly isOurs: (processId: number) => boolean;
}

/** The first process of a machine with its own numbers is control. */
export const processesOf = (machineProcessId: number): Watched => ({
  proc: `/proc/${machineProcessId}/root/proc`,
  isOurs: (processId) => processId <= 1,
});

/**
 * Where no control group limits memory: looks at the machine's own /proc from outside, and ends the largest process when
 * all together hold more than `maxBytes`. What programs share (text of libraries) is not counted.
 */
export function watchMemory(watched: Watched, maxBytes: number, end: (processId: number) => void): Watchdog {
  const timer = setInterval(() => {
    const sizes = readSizes(watched);
    const sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
    if (sum <= maxBytes) return;
    const largest = sizes.reduce((most, next) => (next.bytes > most.bytes ? next : most));
    end(largest.pid);
  }, EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function readSizes({ proc, isOurs }: Watched): { pid: number; bytes: number }[] {
  const sizes: { pid: number; bytes: number }[] = [];
  try {
    for (const name of readdirSync(proc)) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || isOurs(pid)) continue;
      const [, resident = 0, shared = 0] = readFileSync(`${proc}/${name}/statm`, "latin1").split(" ").map(Number);
      sizes.push({ pid, bytes: (resident - shared) * PAGE_BYTES });
    }
  } catch {
    // A process ended while it was looked at: the next round sees the rest.
  }
  return sizes;
}
