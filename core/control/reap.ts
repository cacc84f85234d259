import { countOpen } from "../svg/pipeline/open-samples.ts";
import { FINISHED_RUN_STATES, type RunRecord } from "../svg/store.ts";
import { tellRun } from "./drops/tell-run.ts";
import { finishTaskOf, prepareTaskOf } from "./messages.ts";
import type { ControlPlatform, Workshop } from "./platform.ts";
import { quietForMs } from "./pulse.ts";
import { releaseBase } from "./release-base.ts";
import { reviveSamples } from "./revive.ts";
import { stopRun } from "./stop-run.ts";
import { reapModels } from "./training/reap-models.ts";

export interface ReapReport {
  readonly runs: number;
  /** Samples that had lost their task and have one again. */
  readonly revived: number;
  readonly preparationsRepeated: number;
  readonly finishesRepeated: number;
  readonly runsFailed: number;
  readonly basesReleased: number;
  readonly machinesEnded: number;
  /** Models of which nothing was heard and that are looked at again. */
  readonly modelsWatched: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A run whose samples make no call for this long has lost its tasks, when nobody waits for a worker. */
const QUIET_MS = 10 * MINUTE_MS;
/** The same while tasks wait: perhaps they are this run's. By then every redelivery has had its time. */
const PATIENT_MS = 6 * HOUR_MS;
const PREPARATION_DAYS_MS = 48 * HOUR_MS;
/** A run that rests longer than this pays for the making of its base again. */
const RESTING_BASE_MS = 7 * 24 * HOUR_MS;
/** Later a model that a finished run asks for is started by hand: what was finished before models were trained here is left alone. */
const LATE_MODEL_MS = 48 * HOUR_MS;
const MOST_RUNS = 500;
const PAGE = 100;

/**
 * Once every some minutes: brings back what was lost between the queues and the store, ends what nobody needs. Idempotent; looks at the
 * newest runs only, and at a page of samples of each. What fails is thrown at the end: it must not cost the others their reaping, nor let
 * machines run on that nobody needs.
 */
export async function reap(platform: ControlPlatform, workshop: Workshop): Promise<ReapReport> {
  const report = {
    runs: 0,
    revived: 0,
    preparationsRepeated: 0,
    finishesRepeated: 0,
    runsFailed: 0,
    basesReleased: 0,
    machinesEnded: 0,
    modelsWatched: 0,
  };
  const troubles: unknown[] = [];
  const attempt = async (part: Promise<void>): Promise<void> => part.catch((error: unknown) => void troubles.push(error));
  for await (const run of newestRuns(platform)) {
    report.runs += 1;
    await attempt(reapRun(platform, workshop, run, report));
  }
  await attempt(reapMachines(platform, workshop, report));
  await attempt(reapModels(platform).then((models) => void (report.modelsWatched += models)));
  if (troubles.length > 0) throw troubles[0];
  return report;
}

async function reapRun(platform: ControlPlatform, workshop: Workshop, run: RunRecord, report: Counts): Promise<void> {
  if (run.state === "preparing") await reapPreparation(platform, run, report);
  else if (run.state === "running") await reapRunning(platform, run, report);
  else await reapResting(platform, workshop, run, report);
}

type Counts = { -readonly [Key in keyof ReapReport]: ReapReport[Key] };

async function* newestRuns({ store }: ControlPlatform): AsyncGenerator<RunRecord> {
  let after: string | undefined;
  for (let seen = 0; seen < MOST_RUNS; seen += PAGE) {
    const page = await store.listRuns({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}

async function reapPreparation(platform: ControlPlatform, run: RunRecord, report: Counts): Promise<void> {
  const installMs = run.config.environment.timeoutMinutes * MINUTE_MS;
  if (platform.clock.now() - Date.parse(run.createdAt) > PREPARATION_DAYS_MS + installMs && run.planned === 0) {
    const why = run.detail === null ? "" : ` ${run.detail}`;
    if (await stopRun(platform, run.id, ["preparing"], "failed", `The run was not prepared within two days.${why}`)) report.runsFailed += 1;
    return;
  }
  if (!(await isForgotten(platform, "prepare", ageMs(platform, run)))) return;
  // What it had written down is found again; failed samples that were to be taken up stay failed.
  await platform.queue.enqueue("prepare", [prepareTaskOf({ runId: run.id })]);
  report.preparationsRepeated += 1;
}

async function reapRunning(platform: ControlPlatform, run: RunRecord, report: Counts): Promise<void> {
  await tellRun(platform, run.id);
  const quietMs = await quietForMs(platform, run);
  if ((await countOpen(platform, run.id)) === 0) {
    if (!(await isForgotten(platform, "finish", quietMs))) return;
    await platform.queue.enqueue("finish", [finishTaskOf(run.id)]);
    report.finishesRepeated += 1;
  } else if (quietMs >= PATIENT_MS || (await platform.queue.depth("work")).waiting === 0) {
    // Others of the run may go on all the while: samples are looked at, one by one.
    report.revived += await reviveSamples(platform, run);
  }
}

async function reapResting(platform: ControlPlatform, workshop: Workshop, run: RunRecord, report: Counts): Promise<void> {
  if (lacksModel(run) && ageMs(platform, run) < LATE_MODEL_MS && (await isForgotten(platform, "finish", ageMs(platform, run)))) {
    await platform.queue.enqueue("finish", [finishTaskOf(run.id)]);
    report.finishesRepeated += 1;
  }
  if (run.sandbox === null) return;
  if (!FINISHED_RUN_STATES.includes(run.state) && ageMs(platform, run) < RESTING_BASE_MS) return;
  if (await releaseBase(platform, workshop, run)) report.basesReleased += 1;
  await tellRun(platform, run.id);
}

/** Whoever finished the run died before it was started. */
const lacksModel = ({ state, config, model }: RunRecord): boolean =>
  state === "finished" && config.train !== undefined && model === undefined;

async function reapMachines(platform: ControlPlatform, workshop: Workshop, report: Counts): Promise<void> {
  const provider = await workshop.sandbox();
  const reaped = await provider.reap?.(async (runId) => {
    const run = await platform.store.getRun(runId);
    return run !== null && (run.sandbox !== null || run.state === "preparing");
  });
  report.machinesEnded += reaped?.machines ?? 0;
  report.basesReleased += reaped?.bases ?? 0;
}

/** No task of the queue can be the run's, or it would have been done by now. */
async function isForgotten({ queue }: ControlPlatform, name: "prepare" | "finish", quietMs: number): Promise<boolean> {
  if (quietMs < QUIET_MS) return false;
  if (quietMs >= PATIENT_MS) return true;
  const { waiting, inFlight } = await queue.depth(name);
  return waiting + inFlight === 0;
}

const ageMs = ({ clock }: ControlPlatform, run: RunRecord): number => clock.now() - Date.parse(run.updatedAt);
