import { InputError, PausedError } from "../../errors/index.ts";
import { queueOf } from "../names.ts";
import type { Platform } from "../platform.ts";
import { FINISHED_RUN_STATES, RUN_STATES, type RunRecord } from "../store.ts";
import type { RunSummary } from "../summary.ts";
import { work } from "../worker.ts";
import { faultBreaker } from "./breaker.ts";
import { contextOf } from "./context.ts";
import { loadRun } from "./load.ts";
import { enqueueOpenSamples } from "./open-samples.ts";
import type { ExecuteOptions } from "./options.ts";
import { prepareRun } from "./prepare.ts";
import { stopFor, writeStop } from "./stop.ts";
import { summarizeRun } from "./summarize.ts";

const LEASE_MS = 30_000;

/**
 * Prepares (snapshot, install, survey, plan) what is not prepared yet, then works until every sample is final.
 * PausedError: `resume` goes on from here. Only one process may execute a run at a time; the caller sees to that.
 */
export async function executeRun(platform: Platform, runId: string, options: ExecuteOptions): Promise<RunSummary> {
  const before = await loadRun(platform.store, runId);
  if (before.state === "cancelled")
    throw new InputError("run_not_resumable", `Run ${runId} was cancelled.`, { hint: "Start a new one with `serac run`." });
  if (before.state === "finished") return summarizeRun(platform, runId);
  const open = RUN_STATES.filter((state) => !FINISHED_RUN_STATES.includes(state));
  let run = await platform.store.changeRun(runId, open, { state: before.planned > 0 ? "running" : "preparing", detail: null });

  options.onEvent({
    event: "started",
    runId,
    name: run.name,
    rehearsal: run.rehearsal,
    sandbox: platform.sandbox.name,
    notes: platform.sandbox.notes,
  });
  try {
    if (run.planned === 0) run = await prepareAll(platform, run, options);
    options.onEvent({ event: "stage", stage: "rollouts" });
    await workSamples(platform, run, options);
  } catch (error) {
    const stop = stopFor(options.signal.aborted ? new PausedError("interrupted", "The run was interrupted.") : error);
    await writeStop(platform.store, runId, stop);
    throw stop;
  }
  const after = await loadRun(platform.store, runId);
  if (after.state === "running") await platform.store.changeRun(runId, ["running"], { state: "finished", detail: null });
  return summarizeRun(platform, runId);
}

async function prepareAll(platform: Platform, run: RunRecord, options: ExecuteOptions): Promise<RunRecord> {
  for (let nextIndex = 0; ;) {
    const prepared = await prepareRun(platform, run, { ...options, nextIndex });
    if (prepared.outcome === "ready") return platform.store.changeRun(run.id, ["preparing"], { state: "running" });
    nextIndex = prepared.nextIndex;
  }
}

async function workSamples(platform: Platform, run: RunRecord, options: ExecuteOptions): Promise<void> {
  const queue = queueOf(run.id);
  // The queue is made anew at each start, so that tasks in flight in a process that died need no waiting for.
  await platform.queue.purge(queue);
  await enqueueOpenSamples(platform, run.id, queue);
  const context = await contextOf(platform, run);
  const breaker = faultBreaker(run.config, options.onEvent);
  await work({
    platform,
    queue,
    concurrency: Math.min(run.config.teacher!.concurrency, Math.max(1, run.planned)),
    owner: options.owner,
    leaseMs: LEASE_MS,
    runContext: () => Promise.resolve(context),
    signal: AbortSignal.any([options.signal, breaker.signal]),
    shouldStop: async () => (await loadRun(platform.store, run.id)).state !== "running",
    onEvent: breaker.onEvent,
  });
}
