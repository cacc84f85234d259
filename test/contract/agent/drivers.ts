import type { SandboxProvider } from "../../../core/agent/sandbox.ts";
import { createBubblewrapProvider, detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { createVirtualBashProvider } from "../../../drivers/virtual-bash/index.ts";

export interface SandboxDriver {
  readonly name: SandboxProvider["name"];
  /** Null: it can run here. */
  readonly missing: string | null;
  readonly create: () => Promise<SandboxProvider>;
}

const bubblewrap = await detectBubblewrap();

/** Every sandbox driver, with the reason where this machine cannot run it. */
export const SANDBOX_DRIVERS: readonly SandboxDriver[] = [
  { name: "virtual-bash", missing: null, create: () => Promise.resolve(createVirtualBashProvider({ threads: 1 })) },
  { name: "bubblewrap", missing: bubblewrap.available ? null : bubblewrap.reason, create: () => createBubblewrapProvider({ mounts: [] }) },
];
