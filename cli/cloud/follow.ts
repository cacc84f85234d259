import { systemClock } from "../../core/errors/clock.ts";
import { PausedError, SeracError } from "../../core/errors/index.ts";
import type { RunStage } from "../../core/svg/events.ts";
import type { RunSummary } from "../../core/svg/summary.ts";
import { EXIT, ExitWith } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { watchInterrupts } from "../interrupts.ts";
import { COMMAND } from "../invocation.ts";
import type { CloudRun, ControlClient } from "../platform/cloud.ts";
import { type Progress, startProgress } from "../progress/index.ts";
import { tallyOf } from "../progress/tally.ts";
import { again, type CloudFlags } from "./flags.ts";
import { finishedText } from "./finished.ts";
import { stageOf } from "./stage.ts";

export interface FollowFlags extends CloudFlags {
  readonly json?: true;
  readonly quiet?: true;
}

const SOONEST_MS = 2_000;
const LATEST_MS = 15_000;
/** So long the API may be out of reach before following it is given up. */
const PATIENCE_MS = 10 * 60_000;

/** Looks at a run until it ends, and shows how it goes. PausedError, SeracError for an end that is none; ExitWith(3) after Ctrl-C. */
export async function follow(client: ControlClient, run: CloudRun, flags: FollowFlags, io: Io): Promise<void> {
  const emit = emitter(flags, io);
  emitStarted(run, emit);
  const progress = startProgress(io, tallyOf(run), flags.quiet === true);
  const interrupts = watchInterrupts({ graceMs: 2_500, onFirst: () => {}, onForce: () => process.exit(EXIT.paused) });
  try {
    const last = await untilEnd(client, run, { progress, emit, signal: interrupts.signal });
    progress.stop();
    if (isGoing(last)) {
      emit({ event: "detached", ...summaryOf(last) });
      io.err.tell(comeBack(run.runId, flags));
      throw new ExitWith(EXIT.paused);
    }
    await tellEnd(client, last, { flags, io, emit });
  } finally {
    progress.stop();
    interrupts.stop();
  }
}

/** Leaves the run to itself. */
export async function detach(_client: ControlClient, run: CloudRun, flags: FollowFlags, io: Io): Promise<void> {
  const emit = emitter(flags, io);
  emitStarted(run, emit);
  emit({ event: "detached", ...summaryOf(run) });
  if (flags.json !== true) await io.out.write(comeBack(run.runId, flags));
}

type Emit = (event: Readonly<Record<string, unknown>>) => void;

function emitter({ json }: FollowFlags, io: Io): Emit {
  return (event) => {
    if (json === true) io.out.tell(`${JSON.stringify(event)}\n`);
  };
}

const emitStarted = ({ runId, name, rehearsal, sandbox }: CloudRun, emit: Emit): void =>
  emit({ event: "started", runId, name, rehearsal, sandbox: sandbox ?? "cloud", notes: [] });

interface Watching {
  readonly progress: Progress;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The run as it ended, or as it was when the signal was aborted. */
async function untilEnd(client: ControlClient, first: CloudRun, { progress, emit, signal }: Watching): Promise<CloudRun> {
  const startedMs = performance.now();
  let lastGoodMs = startedMs;
  let stage: RunStage | null = null;
  let told = "";
  for (let run = first; ;) {
    const now = stageOf(run);
    if (now !== stage && isGoing(run)) {
      stage = now;
      emit({ event: "stage", stage });
      progress.onEvent({ event: "stage", stage });
    }
    progress.onSummary(run);
    const { planned, done, accepted, rejected, failed } = run;
    const counts = JSON.stringify({ planned, done, accepted, rejected, failed });
    if (counts !== told && planned > 0) emit({ event: "progress", planned, done, accepted, rejected, failed, spend: run.spend });
    told = counts;
    if (!isGoing(run)) return run;
    try {
      await systemClock.sleep(Math.min(LATEST_MS, SOONEST_MS + (performance.now() - startedMs) / 20), signal);
      run = await client.run(run.runId, signal);
      lastGoodMs = performance.now();
    } catch (error) {
      if (signal.aborted) return run;
      if (!isPassing(error) || performance.now() - lastGoodMs > PATIENCE_MS) throw error;
      const message = `${error.message} Trying on; the run is not touched by it.`;
      emit({ event: "warning", message });
      progress.onEvent({ event: "warning", message });
    }
  }
}

const isGoing = ({ state }: CloudRun): boolean => state === "preparing" || state === "running";

export const isPassing = (error: unknown): error is SeracError =>
  error instanceof SeracError && (error.code === "api_unreachable" || error.code === "cloud_failed" || error.code === "cloud_throttled");

interface Telling {
  readonly flags: FollowFlags;
  readonly io: Io;
  readonly emit: Emit;
}

async function tellEnd(client: ControlClient, run: CloudRun, { flags, io, emit }: Telling): Promise<void> {
  const { runId, state } = run;
  const detail = run.detail ?? `The run is ${state}.`;
  if (state === "finished") {
    emit({ event: "finished", ...summaryOf(run), dataset: run.dataset });
    if (flags.json !== true) await io.out.write(await finishedText(client, run, again(flags)));
    return;
  }
  const goOn = `Go on with \`${COMMAND} resume ${runId}${again(flags)}\`.`;
  if (state === "paused") {
    emit({ event: "paused", ...summaryOf(run), detail });
    throw new PausedError("interrupted", detail, { hint: goOn });
  }
  const error =
    state === "cancelled"
      ? new SeracError("interrupted", `Run ${runId} was cancelled.`, {
          hint: "It writes no dataset. `serac show <sample> --cloud` reads the samples that it has.",
        })
      : new SeracError("run_failed", `Run ${runId} failed: ${detail}`, { hint: `When the cause is mended: ${goOn}` });
  emit({ event: "failed", code: error.code, message: error.message });
  throw error;
}

function summaryOf(run: CloudRun): RunSummary {
  const {
    archive: _archive,
    sandbox: _sandbox,
    samplesPerMinute: _pace,
    etaSeconds: _eta,
    config: _config,
    dataset: _dataset,
    ...summary
  } = run;
  return summary;
}

const comeBack = (runId: string, flags: FollowFlags): string =>
  `Run ${runId} goes on in the cloud.\n  ${COMMAND} status ${runId}${again(flags)}\n  ${COMMAND} resume ${runId}${again(flags)}   follows it again\n  ${COMMAND} cancel ${runId}${again(flags)}   ends it\n`;
