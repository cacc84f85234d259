import type { BaseSnapshot } from "../../agent/sandbox.ts";
import { UnfinishedError } from "../../errors/index.ts";
import { functionsKey } from "../names.ts";
import type { Platform } from "../platform.ts";
import { sandboxLimits } from "../sandbox-limits.ts";
import type { RunRecord } from "../store.ts";
import { keepDemonstrations } from "./demonstrations.ts";
import { linesOf } from "./json-lines.ts";
import type { PrepareOptions } from "./options.ts";
import { planRun } from "./plan.ts";
import { isSurveyed, surveyRun } from "./survey.ts";
import type { SourceFunction } from "../../survey/function.ts";

/**
 * - `ready`: the base and every sample of the plan are there; the run is still `preparing`, and its record says so.
 * - `continue`: the deadline came first; the same call with this `nextIndex` goes on.
 */
export type Preparation =
  | { readonly outcome: "ready"; readonly run: RunRecord }
  | { readonly outcome: "continue"; readonly run: RunRecord; readonly nextIndex: number };

export type PreparingPlatform = Omit<Platform, "teacher">;

const MINUTE_MS = 60_000;

/**
 * Snapshot, install, survey, plan. Each part is idempotent, so a run that died in the middle does it again and gets the same; what
 * is written down already is read back. InputError for what lies in the repository or the settings.
 */
export async function prepareRun(platform: PreparingPlatform, run: RunRecord, options: PrepareOptions): Promise<Preparation> {
  const { nextIndex = 0, deadlineMs = Infinity, onEvent, signal } = options;
  if (run.planned > 0 && run.sandbox !== null) return { outcome: "ready", run };
  const isLate = (): boolean => platform.clock.now() >= deadlineMs;
  const later = (at: RunRecord, from = nextIndex): Preparation => ({ outcome: "continue", run: at, nextIndex: from });

  const sandbox = await makeBase(platform, run, options);
  if (sandbox === null) return later(run);
  const isNewBase = !isSameBase(run.sandbox, sandbox);
  const based = isNewBase ? await platform.store.changeRun(run.id, ["preparing"], { sandbox }) : run;
  if (based.planned > 0) return { outcome: "ready", run: based };
  signal.throwIfAborted();

  // Whoever comes with little time does one part at least, so that many such calls get to the end, too.
  if (!(await isSurveyed(platform.artifacts, run.id))) {
    if (isNewBase && isLate()) return later(based);
    await keepDemonstrations(platform.artifacts, run.id, options.repository);
    await surveyRun(platform, based, options);
    signal.throwIfAborted();
    if (isLate()) return later(based);
  }

  onEvent({ event: "stage", stage: "plan" });
  const functions = await linesOf<SourceFunction>(platform.artifacts, functionsKey(run.id));
  const written = await planRun(platform, based, functions, nextIndex, isLate);
  if (written.outcome === "continue") return later(based, written.nextIndex);
  const { planned } = written;
  onEvent({ event: "planned", samples: planned, requested: run.config.plan.samples });
  const ready = await platform.store.changeRun(run.id, ["preparing"], { functions: functions.length, planned });
  return { outcome: "ready", run: ready };
}

const isSameBase = (known: BaseSnapshot | null, base: BaseSnapshot): boolean =>
  known !== null && known.provider === base.provider && known.directory === base.directory && known.baseCommit === base.baseCommit;

/** Null when the base is made elsewhere and is not done yet. */
async function makeBase(platform: PreparingPlatform, run: RunRecord, options: PrepareOptions): Promise<BaseSnapshot | null> {
  const { config } = run;
  options.onEvent({ event: "stage", stage: "snapshot" });
  if (config.environment.install.length > 0)
    options.onEvent({ event: "stage", stage: "install", detail: config.environment.install.join("; ") });
  try {
    return await platform.sandbox.prepare({
      source: options.repository,
      directory: options.sandboxDirectory,
      install: config.environment.install,
      timeoutMs: config.environment.timeoutMinutes * MINUTE_MS,
      limits: sandboxLimits(config),
      signal: options.signal,
      ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    });
  } catch (error) {
    if (error instanceof UnfinishedError) return null;
    throw error;
  }
}
