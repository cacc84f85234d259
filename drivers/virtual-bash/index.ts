import { availableParallelism } from "node:os";
import { SandboxError } from "../../core/errors/index.ts";
import { WORKSPACE } from "../../core/agent/sandbox.ts";
import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import { prepareBase } from "./prepare-base.ts";
import { openBaseTree } from "./tree/base-tree.ts";
import type { BaseTree } from "./tree/base-tree.ts";
import { createWorkerPool } from "./worker/pool.ts";
import { openWorkspace } from "./workspace.ts";

export interface VirtualBashOptions {
  /** Threads that run shells, shared by all workspaces. */
  readonly threads?: number;
  /** JavaScript heap of a thread. */
  readonly heapMb?: number;
}

/** The sandbox that needs nothing but Node: a shell written in JavaScript on files in memory, in threads that can be killed. */
export function createVirtualBashProvider(options: VirtualBashOptions = {}): SandboxProvider {
  const bases = new Map<string, BaseTree>();
  const pool = createWorkerPool({
    size: options.threads ?? Math.min(4, availableParallelism()),
    heapMb: options.heapMb ?? 512,
  });

  function baseIn(directory: string): BaseTree {
    const known = bases.get(directory);
    if (known !== undefined) return known;
    try {
      const base = openBaseTree(directory, WORKSPACE);
      bases.set(directory, base);
      return base;
    } catch (error) {
      throw new SandboxError("sandbox_failed", `there is no base snapshot in ${directory}`, { cause: error });
    }
  }

  return {
    name: "virtual-bash",
    notes: [
      "virtual-bash: a shell simulated in JavaScript; commands never reach this machine's files, programs or network.",
      "It has the usual text and file tools (grep, sed, awk, find, jq …) and a small git (diff, status, checkout -- path, show HEAD:path), but no interpreters, compilers or package managers: agents can read and edit, not run or test code.",
      "Environment variables, aliases and the working directory last from command to command; functions, arrays and shell options do not. Files outside /testbed and ignored files are not part of a checkpoint.",
    ],
    prepare: prepareBase,
    open: async (base, { signal, ...rest }) => {
      signal?.throwIfAborted();
      return openWorkspace({ base: baseIn(base.directory), baseDirectory: base.directory, pool, options: rest });
    },
    close: async () => {
      await pool.close();
      for (const base of bases.values()) base.close();
      bases.clear();
    },
  };
}
