import { InputError, PausedError, SeracError, TeacherError } from "../../errors/index.ts";
import { isDiskFull } from "../advance.ts";
import { demonstrationsKey, queueOf } from "../names.ts";
import type { Platform } from "../platform.ts";
import { FINAL_STATES, SAMPLE_STATES } from "../sample.ts";
import type { RunContext } from "../stages/stage.ts";
import { FINISHED_RUN_STATES, RUN_STATES, type RunRecord } from "../store.ts";
import type { RunSummary } from "../summary.ts";
import { work } from "../worker.ts";
import { faultBreaker } from "./breaker.ts";
import { loadRun } from "./load.ts";
import type { ExecuteOptions } from "./options.ts";
import { prepareRun } from "./prepare.ts";
import { summarizeRun } from "./summarize.ts";

const LEASE_MS = 30_000;
const PAGE = 1000;

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
    run = await prepareRun(platform, run, options);
    options.onEvent({ event: "stage", stage: "rollouts" });
    await workSamples(platform, run, options);
  } catch (error) {
    throw await settleStop(platform, runId, error, options);
  }
  const after = await loadRun(platform.store, runId);
  if (after.state === "running") await platform.store.changeRun(runId, ["running"], { state: "finished", detail: null });
  return summarizeRun(platform, runId);
}

async function workSamples(platform: Platform, run: RunRecord, options: ExecuteOptions): Promise<void> {
  const queue = queueOf(run.id);
  await enqueueOpenSamples(platform, run.id, queue);
  const context = await contextOf(platform, run);
  const breaker = faultBreaker(options.onEvent);
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

/** The queue is made anew at each start, so that tasks in flight in a process that died need no waiting for. */
async function enqueueOpenSamples(platform: Platform, runId: string, queue: string): Promise<void> {
  await platform.queue.purge(queue);
  const states = SAMPLE_STATES.filter((state) => !FINAL_STATES.includes(state));
  let afterIndex = -1;
  for (;;) {
    const page = await platform.store.listSamples(runId, { states, afterIndex, limit: PAGE });
    await platform.queue.enqueue(
      queue,
      page.map((sample) => ({ id: sample.id, body: sample.id })),
    );
    if (page.length < PAGE) return;
    afterIndex = page.at(-1)!.index;
  }
}

async function contextOf(platform: Platform, record: RunRecord): Promise<RunContext> {
  const stored = Buffer.from(await platform.artifacts.get(demonstrationsKey(record.id)));
  const demonstrations: readonly string[] = JSON.parse(stored.toString());
  return { record, base: record.sandbox!, demonstrations };
}

/** Writes down why the run stopped, and gives back the error for the caller. */
async function settleStop(platform: Platform, runId: string, error: unknown, options: ExecuteOptions): Promise<unknown> {
  const reason = options.signal.aborted ? new PausedError("interrupted", "The run was interrupted.") : error;
  const thrown = pauseFor(reason);
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  const state = thrown instanceof InputError ? "failed" : "paused";
  try {
    await platform.store.changeRun(runId, ["preparing", "running"], { state, detail });
  } catch (storeError) {
    // Cancelled in the meantime, or the disk is full: the first error is the one to tell.
    if (!(storeError instanceof SeracError) && !isDiskFull(storeError)) throw storeError;
  }
  return thrown;
}

function pauseFor(error: unknown): unknown {
  if (error instanceof TeacherError) {
    return new PausedError(error.code, `The teacher refuses to work: ${error.message}`, { hint: error.hint, cause: error });
  }
  if (isDiskFull(error)) {
    return new PausedError("disk_full", "The disk is full.", { hint: "Free some space, then resume the run.", cause: error });
  }
  return error;
}
