import type { BaseSnapshot, OpenOptions, Sandbox } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { baseFolder, type BaseManifest } from "./base-folder.ts";
import type { Enforcement } from "./enforcement.ts";
import { CROWDED, inhabit } from "./inhabit.ts";
import { bwrapWall, KILL_ALL } from "./inner.ts";
import { startMachine } from "./machine.ts";
import type { SystemView } from "./system-view.ts";
import type { TrackedPaths } from "./tracked-paths.ts";
import { processesOf, watchMemory } from "./watchdog.ts";
import { controlView } from "./views.ts";
import { agentPlan, setUpWorkspace } from "./workspace-machine.ts";

/** What control and the clerk need for their own work, near the limit. */
const SPARE_PROCESSES = 6;

export interface WorkspaceDeps {
  readonly system: SystemView;
  readonly enforcement: Enforcement;
  readonly scratch: string;
  readonly allowOverlay: boolean;
  /** Shared by all workspaces on one base; `read` is called once. */
  readonly trackedPaths: (base: BaseSnapshot, read: () => Promise<TrackedPaths>) => Promise<TrackedPaths>;
}

/** One rollout's machine: outer wall, inner wall, the agent's shell, and what they have changed. */
export async function openWorkspace(
  base: BaseSnapshot,
  manifest: BaseManifest,
  options: OpenOptions,
  deps: WorkspaceDeps,
): Promise<Sandbox> {
  const { limits, checkpoint } = options;
  const group = deps.enforcement.groups?.create(limits) ?? null;
  const machine = await startMachine({
    view: controlView(deps.system, baseFolder(base.directory), "reads"),
    network: false,
    joinFiles: group?.joinFiles ?? [],
    scratch: deps.scratch,
    ...(options.signal && { signal: options.signal }),
  }).catch(async (error: unknown) => {
    await group?.remove();
    throw error;
  });
  const watchdog =
    deps.enforcement.memory === "watchdog"
      ? watchMemory(processesOf(machine.processId), limits.memoryMb * 1_048_576, (pid) => machine.shells.control.send(`kill -9 ${pid}`))
      : null;

  async function end(): Promise<void> {
    watchdog?.stop();
    await machine.kill();
    await group?.remove();
  }

  try {
    const setUp = await machine.run(setUpWorkspace(manifest, limits, deps.enforcement, deps.allowOverlay));
    const mode = setUp.output.toString("utf8").trim().split("\n").at(-1);
    if (setUp.status !== 0 || (mode !== "overlay" && mode !== "clone")) {
      throw new SandboxError("sandbox_failed", `The workspace could not be made: ${setUp.output.toString("utf8").trim()}`);
    }
    return await inhabit({
      machine,
      mode,
      wall: bwrapWall(agentPlan(deps.system, manifest, limits, deps.enforcement)),
      baseCommit: base.baseCommit,
      checkpoint,
      tracked: (read) => deps.trackedPaths(base, read),
      unlessCrowded: (script) => unlessCrowded(script, limits.processes),
      end,
    });
  } catch (error) {
    await end();
    throw error;
  }
}

/** Counts processes without starting one. */
function unlessCrowded(script: string, limit: number): string {
  return `crowded() { return ${CROWDED}; }; set -- /proc/[0-9]*; if (($# > ${limit - SPARE_PROCESSES})); then ${KILL_ALL}; crowded; else set --\n${script}\nfi`;
}
