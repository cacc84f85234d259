import { SandboxError } from "../errors/index.ts";
import type { Sandbox } from "./sandbox.ts";

/** What a provider has open: with it everything of it is closed, and afterwards nothing is opened. */
export interface OpenSandboxes {
  /** Throws SandboxError once the provider is closed. */
  assertOpen(): void;
  /** The same sandbox, closed with the provider unless it was closed before. */
  keep(sandbox: Sandbox): Sandbox;
  close(): Promise<void>;
}

export function createOpenSandboxes(): OpenSandboxes {
  const open = new Set<Sandbox>();
  let isClosed = false;
  return {
    assertOpen() {
      if (isClosed) throw new SandboxError("sandbox_failed", "The sandbox provider is closed.");
    },
    keep(sandbox) {
      const kept: Sandbox = {
        ...sandbox,
        close: async () => {
          open.delete(kept);
          await sandbox.close();
        },
      };
      open.add(kept);
      return kept;
    },
    async close() {
      isClosed = true;
      await Promise.all([...open].map((sandbox) => sandbox.close()));
    },
  };
}
