import { setTimeout as wait } from "node:timers/promises";
import { PausedError, SeracError } from "../../core/errors/index.ts";
import type { SeracConfig } from "../../core/config/schema.ts";
import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import type { RunEvent } from "../../core/svg/events.ts";
import { executeRun, summarizeRun } from "../../core/svg/pipeline/index.ts";
import type { Platform } from "../../core/svg/platform.ts";
import type { RunSummary } from "../../core/svg/summary.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { watchInterrupts } from "../interrupts.ts";
import type { State } from "../platform.ts";
import { type Progress, startProgress } from "../progress/index.ts";
import { EMPTY_TALLY, tallyOf } from "../progress/tally.ts";
import { startCounting } from "./counting.ts";
import { exportDataset } from "./dataset.ts";
import { openRunLog } from "./log.ts";
import { finishedText, resumeCommand } from "./next-steps.ts";
import type { Teaching } from "./teaching.ts";

export interface Execution {
  readonly state: State;
  readonly runId: string;
  readonly config: SeracConfig;
  readonly repository: RepositorySource;
  readonly teaching: Teaching;
  readonly sandbox: SandboxProvider;
  /** Print events as JSON lines on stdout. */
  readonly json: boolean;
  readonly quiet: boolean;
}

const SPEND_EVERY_MS = 1000;
/** The contract is exit 3 within 3 s. */
const GRACE_MS = 2500;

/** Works the run to its end and exports its dataset. PausedError when it can be resumed. */
export async function execute(execution: Execution, io: Io): Promise<void> {
  const { state, runId } = execution;
  const platform: Platform = { ...state.platform, teacher: execution.teaching.teacher, sandbox: execution.sandbox };
  const log = openRunLog(state.logFile(runId), io.redactor);
  const before = await summarizeRun(platform, runId);
  const progress = startProgress(io, before.planned === 0 ? EMPTY_TALLY : tallyOf(before), execution.quiet);
  const counting = startCounting(platform, execution.config.dataset.formats);
  const emit = (event: RunEvent | Ending): void => {
    if (execution.json) io.out.tell(`${JSON.stringify(event)}\n`);
  };
  const onEvent = (event: RunEvent): void => {
    emit(event);
    log.onEvent(event);
    progress.onEvent(event);
    counting.onEvent(event);
  };
  const interrupts = watchInterrupts({
    graceMs: GRACE_MS,
    onFirst: () =>
      progress.say("Stopping: rollouts are checkpointed. Press Ctrl-C again to stop at once; nothing that was paid for is lost."),
    onForce: () => {
      progress.stop();
      io.err.tell(`paused: The run was interrupted. [interrupted]\nhint: Go on with \`${resumeCommand(runId, state.path)}\`.\n`);
      process.exit(EXIT.paused);
    },
  });
  const polling = new AbortController();
  const spending = pollSpend(platform, runId, progress, polling.signal);
  try {
    const worked = await executeRun(platform, runId, {
      signal: interrupts.signal,
      onEvent,
      repository: execution.repository,
      sandboxDirectory: state.sandboxDirectory(runId),
      owner: ownerOf(runId),
    });
    if (worked.state === "cancelled") throw cancelled(runId);
    await counting.settled();
    onEvent({ event: "stage", stage: "export" });
    const dataset = await exportDataset(platform, runId, {
      directory: state.datasetDirectory(runId),
      config: execution.config,
      signal: interrupts.signal,
    });
    const summary = await summarizeRun(platform, runId);
    emit({ event: "finished", ...summary, dataset: dataset.directory });
    progress.stop();
    if (!execution.json) {
      const [accepted] = await platform.store.listSamples(runId, { states: ["accepted"], limit: 1 });
      await io.out.write(finishedText({ summary, dataset, home: state.path, acceptedSample: accepted?.id ?? null }));
    }
  } catch (error) {
    progress.stop();
    log.error(error);
    throw await told(error, execution, emit);
  } finally {
    progress.stop();
    interrupts.stop();
    polling.abort();
    await Promise.all([spending, counting.settled()]);
    await log.close();
  }
}

const cancelled = (runId: string): SeracError =>
  new SeracError("interrupted", `Run ${runId} was cancelled.`, { hint: "What it accepted can be exported with `serac export`." });

/** Leases of a run carry one name, so that whoever holds the run's lock can end those of a process that died. */
export const ownerOf = (runId: string): string => `local:${runId}`;

type Ending =
  | ({ readonly event: "finished"; readonly dataset: string } & RunSummary)
  | { readonly event: "failed"; readonly code: string; readonly message: string };

/** The last event of a run that did not finish, and the error to report: a pause says how to go on. */
async function told(stop: unknown, { state, runId }: Execution, emit: (event: RunEvent | Ending) => void): Promise<unknown> {
  if (!(stop instanceof PausedError)) {
    const code = stop instanceof Error && "code" in stop ? String(stop.code) : "internal";
    emit({ event: "failed", code, message: stop instanceof Error ? stop.message : String(stop) });
    return stop;
  }
  const summary = await summarizeRun(state.platform, runId).catch(() => null);
  if (summary !== null) emit({ event: "paused", ...summary, detail: stop.message });
  const resume = `Go on with \`${resumeCommand(runId, state.path)}\`.`;
  return new PausedError(stop.code, stop.message, { hint: stop.hint === undefined ? resume : `${stop.hint} ${resume}`, cause: stop });
}

async function pollSpend(platform: Platform, runId: string, progress: Progress, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await wait(SPEND_EVERY_MS, undefined, { signal, ref: false });
      progress.onSpend(await platform.store.spend(runId));
    }
  } catch {
    // Aborted, or the store is in trouble, which the run itself will report.
  }
}
