import type { ReapedSandboxes } from "../../core/agent/sandbox.ts";
import type { Clock } from "../../core/errors/clock.ts";
import type { Images } from "./images.ts";
import type { Machines } from "./machines.ts";

export interface ReapDeps {
  readonly images: Images;
  readonly machines: Machines;
  readonly clock: Clock;
  /** No owner of a machine lives longer. */
  readonly ownerMs: number;
  readonly release: (directory: string) => Promise<void>;
}

/**
 * Ends machines that have outlived whoever started them, and releases images that no run needs. An image of nobody's is left to
 * a person: it may be of a version that is yet to come.
 */
export async function reapSandboxes(isNeeded: (directory: string) => Promise<boolean>, deps: ReapDeps): Promise<ReapedSandboxes> {
  const { images, machines, clock, ownerMs } = deps;
  let ended = 0;
  let bases = 0;
  const unneeded = new Map<string, string>();
  for await (const { name, directory } of images.list()) {
    if (directory !== null && !(await isNeeded(directory))) unneeded.set(name, directory);
  }
  for await (const machine of machines.list()) {
    if (clock.now() - machine.startedAtMs <= ownerMs && !unneeded.has(machine.image)) continue;
    await machines.terminate(machine.id);
    ended++;
  }
  for (const directory of unneeded.values()) {
    await deps.release(directory);
    bases++;
  }
  return { machines: ended, bases };
}
