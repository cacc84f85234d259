import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Trainer } from "../../core/training/trainer.ts";

declare const SERAC_BUNDLE: boolean | undefined;

/** The trainers of this machine, and where their parts lie. */

const isBundled = typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE;
/** The trainer's Python package, its requirements and, beside it, serve.jinja: the same layout as in a checkout. */
const PACKAGE = fileURLToPath(new URL(isBundled ? "./assets/sft/" : "../../batch-images/sft/", import.meta.url));
const REQUIREMENTS = join(PACKAGE, "requirements.txt");
/** What requirements.txt is locked for. */
export const TRAINER_PYTHON_VERSION = "3.11";

/** A checkpoint of a 32B model takes that long to reach the disk. */
const GRACE_MS = 110_000;

export interface TrainerPlace {
  /** Below it each model has a folder; on a fast disk. */
  readonly scratch: string;
  readonly env: NodeJS.ProcessEnv;
}

export async function pythonTrainer(python: string, place: TrainerPlace): Promise<Trainer> {
  const { createPythonTrainer } = await import("../../drivers/trainer/index.ts");
  return createPythonTrainer({ ...place, python, packageFolder: PACKAGE, graceMs: GRACE_MS });
}

export async function dockerTrainer(image: string, place: TrainerPlace): Promise<Trainer> {
  const { createDockerTrainer } = await import("../../drivers/trainer/index.ts");
  return createDockerTrainer({ ...place, image, graceMs: GRACE_MS, hubCache: hubCache(place.env) });
}

/** The interpreter that `serac train --install` made; null when there is none. */
export async function installedPython(env: NodeJS.ProcessEnv): Promise<string | null> {
  const { installedPython: find } = await import("../../drivers/trainer/index.ts");
  return find({ requirements: REQUIREMENTS, folder: environmentsFolder(env) });
}

export interface InstallOptions {
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Returns the interpreter. SeracError("trainer_unavailable"). */
export async function installTrainer({ env, ...options }: InstallOptions): Promise<string> {
  const { installTrainer: make } = await import("../../drivers/trainer/index.ts");
  return make({ ...options, requirements: REQUIREMENTS, folder: environmentsFolder(env), pythonVersion: TRAINER_PYTHON_VERSION });
}

/** Shared by all homes of a user: one environment takes 6 GB. */
const environmentsFolder = (env: NodeJS.ProcessEnv): string =>
  join(given(env, "XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "serac/trainer");

/** Where the hub's library keeps models. Source: huggingface_hub, constants.py. */
export function hubCache(env: NodeJS.ProcessEnv): string {
  const home = given(env, "HF_HOME") ?? join(given(env, "XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "huggingface");
  return given(env, "HF_HUB_CACHE") ?? join(home, "hub");
}

function given(env: NodeJS.ProcessEnv, name: string): string | null {
  const value = env[name];
  return value === undefined || value === "" ? null : value;
}
