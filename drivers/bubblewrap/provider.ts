import { rmSync } from "node:fs";
import type { BaseSnapshot, SandboxProvider } from "../../core/agent/sandbox.ts";
import { createOpenSandboxes } from "../../core/agent/open-sandboxes.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { readManifest } from "./base-folder.ts";
import { findControlGroups } from "./control-groups.ts";
import { chooseEnforcement } from "./enforcement.ts";
import { prepareBase } from "./prepare.ts";
import { makeScratch } from "./scratch.ts";
import { describeSystem } from "./system-view.ts";
import type { TrackedPaths } from "./tracked-paths.ts";
import { openWorkspace } from "./workspace.ts";

export interface BubblewrapOptions {
  /** Host folders shown read-only at the same path: toolchains that live outside of /usr. */
  readonly mounts: readonly string[];
  /** `never` copies the tree for every workspace; for machines, and tests, without overlay mounts in user namespaces. */
  readonly overlay?: "auto" | "never";
  /** `none` leaves control groups alone and uses what an ordinary user has. */
  readonly controlGroups?: "auto" | "none";
  /** The host's search path, of which the visible part is kept. Default: this process's. */
  readonly hostPath?: string;
}

/** Throws InputError for mounts that cannot be. Ask `detectBubblewrap` first whether it can work here at all. */
export async function createBubblewrapProvider(options: BubblewrapOptions): Promise<SandboxProvider> {
  const system = describeSystem(options.mounts, options.hostPath ?? process.env["PATH"] ?? "");
  const enforcement = chooseEnforcement(options.controlGroups === "none" ? null : await findControlGroups());
  const scratch = makeScratch();
  const trackedByBase = new Map<string, Promise<TrackedPaths>>();
  const open = createOpenSandboxes();

  const deps = {
    system,
    enforcement,
    scratch,
    allowOverlay: options.overlay !== "never",
    trackedPaths(base: BaseSnapshot, read: () => Promise<TrackedPaths>): Promise<TrackedPaths> {
      const known = trackedByBase.get(base.directory) ?? read();
      trackedByBase.set(base.directory, known);
      known.catch(() => trackedByBase.delete(base.directory));
      return known;
    },
  };

  return {
    name: "bubblewrap",
    notes: [
      "Commands run in bubblewrap: no network, the system read-only, no view of your home, your environment or other workspaces.",
      ...enforcement.notes,
      ...(system.mounts.length > 0 ? [`Shown read-only inside: ${system.mounts.join(", ")}.`] : []),
    ],
    async prepare(request) {
      open.assertOpen();
      return await prepareBase(request, deps);
    },
    async open(base, openOptions) {
      open.assertOpen();
      const manifest = await readManifest(base.directory);
      if (!manifest || base.provider !== "bubblewrap") {
        throw new SandboxError("sandbox_failed", `There is no base snapshot of bubblewrap in ${base.directory}.`);
      }
      return open.keep(await openWorkspace(base, manifest, openOptions, deps));
    },
    async close() {
      await open.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
