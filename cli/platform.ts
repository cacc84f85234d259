import { systemClock } from "../core/errors/clock.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SandboxProvider } from "../core/agent/sandbox.ts";
import type { SeracConfig, TeacherConfig } from "../core/config/schema.ts";
import { InputError } from "../core/errors/index.ts";
import type { DatasetSink } from "../core/dataset/sink.ts";
import type { StatePlatform } from "../core/svg/platform.ts";
import { modelPrefix } from "../core/training/names.ts";
import type { TrainingPlatform } from "../core/training/platform.ts";
import type { OpenAiTeacher } from "../drivers/openai/index.ts";
import type { Fault, FaultMode, RehearsalOptions, RehearsalTeacher } from "../drivers/rehearsal/index.ts";
import type { RunLock } from "../drivers/run-lock/index.ts";
import { isHome } from "./home.ts";

/** The embedded platform: the one place that names drivers. Each is loaded when it is first needed. */

/** An open home. */
export interface State {
  readonly path: string;
  readonly platform: StatePlatform & TrainingPlatform;
  /** Whether a process works on the run, or trains the model, now. */
  isActive(id: string): boolean;
  /** Ends the leases of a worker that is known to be dead. */
  revokeLeases(owner: string): Promise<void>;
  /** Null while another process works on the run, or trains the model. */
  lock(id: string): RunLock | null;
  /** A folder that the sandbox may own for the run. */
  sandboxDirectory(runId: string): string;
  /** Where a run's own dataset goes. */
  datasetDirectory(runId: string): string;
  /** Where a model's job, data, checkpoints and weights are, see core/training/names.ts. */
  modelDirectory(modelId: string): string;
  /** Where its trainer works meanwhile. */
  scratchDirectory(modelId: string): string;
  logFile(id: string): string;
  close(): void;
}

/** Of the trainers, below the home. */
export const SCRATCH = "scratch";

/** Opens the home, making it when it is not there. InputError: home_newer, home_unusable, home_in_use, disk_full. */
export async function openState(path: string): Promise<State> {
  const { openHome } = await import("../drivers/sqlite/index.ts");
  const { openFileArtifacts } = await import("../drivers/files/index.ts");
  const locks = await import("../drivers/run-lock/index.ts");
  const home = openHome(path, systemClock);
  const lockFile = (id: string): string => join(path, "locks", `${id}.lock`);
  try {
    const artifacts = await openFileArtifacts(join(path, "artifacts"));
    return {
      path,
      platform: { store: home.store, journal: home.journal, models: home.models, queue: home.queue, artifacts, clock: systemClock },
      isActive: (id) => locks.isRunLocked(lockFile(id)),
      revokeLeases: (owner) => home.revokeLeases(owner),
      lock: (id) => locks.acquireRunLock(lockFile(id)),
      sandboxDirectory: (runId) => join(path, "sandbox", runId),
      datasetDirectory: (runId) => join(path, "datasets", runId),
      modelDirectory: (modelId) => artifacts.locate(modelPrefix(modelId).slice(0, -1)),
      scratchDirectory: (modelId) => join(path, SCRATCH, modelId),
      logFile: (id) => join(path, "logs", `${id}.log`),
      close: () => home.close(),
    };
  } catch (error) {
    home.close();
    throw error;
  }
}

export const homeIsThere = (path: string): boolean => existsSync(path);

/** Like `openState`, but a home that is not there is not made: InputError("home_unusable"). */
export async function openExistingState(path: string): Promise<State> {
  if (isHome(path)) return openState(path);
  throw new InputError("home_unusable", `There is no home at ${path}: no run was started here.`, {
    hint: "Start one with `serac run`, go to the folder where you did, or name the home with --home or SERAC_HOME.",
  });
}

/** For commands that only look. */
export async function withState<Result>(path: string, use: (state: State) => Promise<Result>): Promise<Result> {
  const state = await openExistingState(path);
  try {
    return await use(state);
  } finally {
    state.close();
  }
}

export { openRepository } from "./platform/repository.ts";

export async function openTeacher(config: TeacherConfig, apiKey: string | undefined): Promise<OpenAiTeacher> {
  const { createOpenAiTeacher } = await import("../drivers/openai/index.ts");
  return createOpenAiTeacher({ config, ...(apiKey === undefined ? {} : { apiKey }) });
}

export async function startRehearsal(options: RehearsalOptions): Promise<RehearsalTeacher> {
  const { startRehearsalTeacher } = await import("../drivers/rehearsal/index.ts");
  return startRehearsalTeacher(options);
}

export type { Fault, FaultMode };

/** How the rehearsal teacher can be told to misbehave. */
export async function faultModes(): Promise<readonly FaultMode[]> {
  const { FAULT_MODES } = await import("../drivers/rehearsal/index.ts");
  return FAULT_MODES;
}

export interface SandboxChoice {
  readonly provider: SandboxProvider;
  /** Why it is not the better one; null when it is, or was asked for. */
  readonly fallback: string | null;
}

/** `auto` takes bubblewrap where it really works. InputError("sandbox_unavailable") when the one that was asked for does not. */
export async function chooseSandbox(config: SeracConfig, required: SandboxProvider["name"] | null): Promise<SandboxChoice> {
  const wanted = required ?? config.rollout.sandbox;
  if (wanted === "virtual-bash") return { provider: await virtualBash(), fallback: null };
  const { createBubblewrapProvider, detectBubblewrap } = await import("../drivers/bubblewrap/index.ts");
  const detected = await detectBubblewrap();
  if (detected.available) return { provider: await createBubblewrapProvider({ mounts: config.environment.mounts }), fallback: null };
  if (wanted === "bubblewrap") {
    throw new InputError("sandbox_unavailable", `The sandbox bubblewrap does not work here: ${detected.reason}`, {
      hint: "Install bubblewrap (Debian: apt-get install bubblewrap), or choose --sandbox virtual-bash, which needs nothing but cannot run code.",
    });
  }
  if (config.environment.install.length > 0) {
    throw new InputError("sandbox_unavailable", `environment.install needs bubblewrap, which does not work here: ${detected.reason}`, {
      hint: "Install bubblewrap, or leave environment.install out and let the agents work without running code.",
    });
  }
  return { provider: await virtualBash(), fallback: detected.reason };
}

async function virtualBash(): Promise<SandboxProvider> {
  const { createVirtualBashProvider } = await import("../drivers/virtual-bash/index.ts");
  return createVirtualBashProvider();
}

/** Where an export goes. InputError("output_exists") for a folder that holds anything but an earlier export. */
export async function openDatasetFolder(folder: string): Promise<DatasetSink> {
  const sinks = await import("../drivers/dataset-folder/index.ts");
  return sinks.openDatasetFolder(folder);
}
