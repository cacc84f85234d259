import { systemClock } from "../../core/errors/clock.ts";
import { SeracError } from "../../core/errors/index.ts";
import { OPEN_MODEL_STATES } from "../../core/training/model.ts";
import { EXIT, ExitWith } from "../exit-code.ts";
import { duration } from "../format/duration.ts";
import { printable } from "../format/printable.ts";
import type { Io } from "../io.ts";
import { watchInterrupts } from "../interrupts.ts";
import { COMMAND } from "../invocation.ts";
import type { CloudModel, ControlClient } from "../platform/cloud.ts";
import { joined } from "../progress/wording.ts";
import { modelText } from "../text/model.ts";
import type { TrainFlags } from "../train/flags.ts";
import { again } from "./flags.ts";
import { isPassing } from "./follow.ts";
import { progressPhrase } from "./model-progress.ts";
import { shownModel } from "./shown-model.ts";

const SOONEST_MS = 2_000;
const LATEST_MS = 30_000;
/** So long the API may be out of reach before following is given up. */
const PATIENCE_MS = 10 * 60_000;

type Emit = (event: Readonly<Record<string, unknown>>) => void;

const emitter =
  ({ json }: TrainFlags, io: Io): Emit =>
  (event) => {
    if (json === true) io.out.tell(`${JSON.stringify(event)}\n`);
  };

const isOpen = ({ state }: CloudModel): boolean => OPEN_MODEL_STATES.includes(state);

/** Looks at a model until it is ready, and shows how it goes. SeracError for an end that is none; ExitWith(3) after Ctrl-C. */
export async function followModel(client: ControlClient, model: CloudModel, flags: TrainFlags, io: Io): Promise<void> {
  const emit = emitter(flags, io);
  emit({ event: "started", modelId: model.id, name: model.name, base: model.base, method: model.method });
  const interrupts = watchInterrupts({ graceMs: 2_500, onFirst: () => {}, onForce: () => process.exit(EXIT.paused) });
  try {
    const last = await untilEnd(client, model, { emit, flags, io, signal: interrupts.signal });
    if (isOpen(last)) {
      emit({ event: "detached", modelId: last.id, state: last.state });
      io.err.tell(comeBack(last.id, flags));
      throw new ExitWith(EXIT.paused);
    }
    await tellEnd(last, flags, io, emit);
  } finally {
    interrupts.stop();
  }
}

/** Leaves the model to itself. */
export async function detachModel(model: CloudModel, flags: TrainFlags, io: Io): Promise<void> {
  const emit = emitter(flags, io);
  emit({ event: "started", modelId: model.id, name: model.name, base: model.base, method: model.method });
  emit({ event: "detached", modelId: model.id, state: model.state });
  if (flags.json !== true) await io.out.write(comeBack(model.id, flags));
}

interface Watching {
  readonly emit: Emit;
  readonly flags: TrainFlags;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** The model as it ended, or as it was when the signal was aborted. */
async function untilEnd(client: ControlClient, first: CloudModel, { emit, flags, io, signal }: Watching): Promise<CloudModel> {
  const startedMs = performance.now();
  let lastGoodMs = startedMs;
  let told = "";
  const tell = (text: string): void => {
    if (flags.quiet !== true) io.err.tell(`[${duration(performance.now() - startedMs)}] ${io.redactor.clean(printable(text))}\n`);
  };
  for (let model = first; ;) {
    const standing = { state: model.state, detail: model.detail, progress: model.progress };
    const now = JSON.stringify(standing);
    if (now !== told && isOpen(model)) {
      emit({ event: "progress", modelId: model.id, ...standing, etaSeconds: model.etaSeconds, costMicroUsd: model.costMicroUsd });
      tell(joined([model.state, model.state === "training" ? progressPhrase(model) : null, model.detail]));
    }
    told = now;
    if (!isOpen(model)) return model;
    try {
      await systemClock.sleep(Math.min(LATEST_MS, SOONEST_MS + (performance.now() - startedMs) / 40), signal);
      model = await client.getModel(model.id, signal);
      lastGoodMs = performance.now();
    } catch (error) {
      if (signal.aborted) return model;
      if (!isPassing(error) || performance.now() - lastGoodMs > PATIENCE_MS) throw error;
      emit({ event: "warning", message: error.message });
      tell(`warning: ${error.message} Trying on; the training is not touched by it.`);
    }
  }
}

async function tellEnd(model: CloudModel, flags: TrainFlags, io: Io, emit: Emit): Promise<void> {
  const { id, state, metrics, costMicroUsd, location } = model;
  if (state === "ready") {
    emit({ event: "finished", modelId: id, state, folder: location, result: metrics, costMicroUsd });
    if (flags.json === true) return;
    const next = `  ${COMMAND} models download ${id}${again(flags)} --out ${model.name}\n  ${COMMAND} models show ${id}${again(flags)}\n`;
    return io.out.write(`\n${modelText(shownModel(model))}\nNext:\n${next}`);
  }
  const error =
    state === "cancelled"
      ? new SeracError("interrupted", `Model ${id} was cancelled.`)
      : new SeracError(
          "training_failed",
          `Model ${id} failed: ${model.detail ?? "no reason is known"}${model.code === null ? "" : ` (${model.code})`}`,
          {
            hint: model.hint ?? `\`${COMMAND} models show ${id}${again(flags)}\` says more.`,
          },
        );
  emit({ event: "failed", modelId: id, code: error.code, message: error.message });
  throw error;
}

const comeBack = (id: string, flags: TrainFlags): string =>
  `Model ${id} goes on in the cloud.\n  ${COMMAND} models show ${id}${again(flags)}\n  ${COMMAND} models cancel ${id}${again(flags)}   ends it\n`;
