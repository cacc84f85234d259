import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "../../../core/errors/index.ts";

const PAUSE_MS = 2;
const PATIENCE_MS = 20_000;

/** This process and those that it comes from. */
export function lineage(): Set<number> {
  const line = new Set<number>();
  for (let pid = process.pid; pid > 0 && !line.has(pid); pid = parentOf(pid)) line.add(pid);
  return line;
}

/**
 * Kills every process of this user's but `kept` and waits until they are gone: in a machine of one workspace's these are the agent's,
 * wherever they have hidden. They are stopped first, so that what multiplies does not do so faster than it dies.
 */
export async function endOthers(kept: ReadonlySet<number>): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const others = othersThan(kept);
    if (others.length === 0) return;
    if (performance.now() - startedAt > PATIENCE_MS)
      throw new SandboxError("sandbox_failed", "The processes of the sandbox could not be ended.");
    for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const pid of others) quietly(() => process.kill(pid, signal));
    await sleep(PAUSE_MS);
  }
}

/** Those that run; what has ended and waits for its parent counts no more. */
function othersThan(kept: ReadonlySet<number>): number[] {
  const own = process.geteuid?.();
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && !kept.has(Number(name)))
    .filter((name) => quietly(() => statSync(`/proc/${name}`).uid === own && !"ZX".includes(fieldsOf(Number(name))[0]!)) ?? false)
    .map(Number);
}

const parentOf = (pid: number): number => Number(quietly(() => fieldsOf(pid)[1]) ?? 0);

/** State and what follows it (proc(5)); before it stands a name in parentheses, which may hold anything. */
function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Null for a process that ended while one looked. */
function quietly<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
