import { PausedError, SeracError } from "../../core/errors/index.ts";
import type { TrainingEvent } from "../../core/training/events.ts";
import { OPEN_MODEL_STATES, type ModelRecord } from "../../core/training/model.ts";
import { EXIT } from "../exit-code.ts";
import { homeFlag } from "../home.ts";
import type { Io } from "../io.ts";
import { watchInterrupts } from "../interrupts.ts";
import { COMMAND } from "../invocation.ts";
import type { State } from "../platform.ts";
import { openRunLog } from "../run/log.ts";
import { trainedText } from "../text/trained.ts";
import type { ChosenTrainer } from "./choose-trainer.ts";
import { failureOf } from "./failure.ts";
import { startTrainingProgress } from "./progress/index.ts";

export interface Execution {
  readonly state: State;
  /** Its data and its job are written. */
  readonly model: ModelRecord;
  readonly chosen: ChosenTrainer;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** More than the trainer has for its last checkpoint. */
const GRACE_MS = 150_000;

type Published = Extract<TrainingEvent, { event: "published" }>;

/** Trains a model to its end and tells of it. PausedError when --resume goes on; SeracError or InputError when it failed. */
export async function executeTraining(execution: Execution, io: Io): Promise<void> {
  const { state, model, chosen, json, quiet } = execution;
  const { models } = state.platform;
  const emit = (event: Readonly<Record<string, unknown>>): void => {
    if (json) io.out.tell(`${JSON.stringify(event)}\n`);
  };
  emit({ event: "started", modelId: model.id, name: model.name, base: model.config.base, method: model.config.method, data: model.data });
  const goOn = `${COMMAND} train --resume ${model.id}${homeFlag(state.path)}`;
  const log = openRunLog(state.logFile(model.id), io.redactor);
  const progress = startTrainingProgress(io, model.id, quiet);
  const interrupts = watchInterrupts({
    graceMs: GRACE_MS,
    onFirst: () => progress.say("Stopping: the trainer writes a checkpoint. Press Ctrl-C again to stop at once, at the checkpoint before."),
    onForce: () => {
      progress.stop();
      io.err.tell(`paused: The training was interrupted. [interrupted]\nhint: Go on with \`${goOn}\`.\n`);
      process.exit(EXIT.paused);
    },
  });
  let last: TrainingEvent | null = null;
  try {
    await models.changeModel(model.id, [...OPEN_MODEL_STATES, "failed"], { state: "training", detail: null, code: null, hint: null });
    const end = await chosen.trainer.run({
      root: state.modelDirectory(model.id),
      signal: interrupts.signal,
      onLog: (line) => log.line(line),
      onEvent: (event) => {
        last = event;
        log.line(JSON.stringify(event));
        progress.onEvent(event);
        emitTrainers(event, emit);
      },
    });
    progress.stop();
    if (end === "interrupted") throw await paused(execution, last, goOn);
    if (end === "failed" || !isPublished(last)) throw failureOf(last, goOn);
    const ready = await models.changeModel(model.id, ["training"], { state: "ready", result: last });
    emit({ event: "finished", modelId: model.id, state: ready.state, folder: weightsFolder(state, model.id), result: last });
    if (!json) await io.out.write(trainedText(ready, weightsFolder(state, model.id), state.path));
  } catch (error) {
    progress.stop();
    log.error(error);
    emit(await ending(error, execution));
    throw error;
  } finally {
    progress.stop();
    interrupts.stop();
    await log.close();
  }
}

export const weightsFolder = (state: State, modelId: string): string => `${state.modelDirectory(modelId)}/model`;

// A variable that a callback sets is narrowed to what it was before.
const isPublished = (event: TrainingEvent | null): event is Published => event?.event === "published";

/** Its beginning has the name of ours, and its ends are told by ours. */
function emitTrainers(event: TrainingEvent, emit: (event: Readonly<Record<string, unknown>>) => void): void {
  if (event.event === "started") emit({ ...event, event: "trainer" });
  else if (event.event !== "failed" && event.event !== "interrupted") emit(event);
}

async function paused({ state, model }: Execution, last: TrainingEvent | null, goOn: string): Promise<PausedError> {
  const at = last?.event === "interrupted" ? ` at step ${last.step}` : "";
  const message = `The training was interrupted${at}.`;
  await state.platform.models.changeModel(model.id, ["training"], { detail: message });
  return new PausedError("interrupted", message, { hint: `Go on with \`${goOn}\`.` });
}

/** The last event of a training that did not finish; what failed it stands in its record. */
async function ending(reason: unknown, { state, model }: Execution): Promise<Readonly<Record<string, unknown>>> {
  const message = reason instanceof Error ? reason.message : String(reason);
  const code = reason instanceof SeracError ? reason.code : "internal";
  if (reason instanceof PausedError) return { event: "paused", modelId: model.id, message };
  const hint = reason instanceof SeracError ? (reason.hint ?? null) : null;
  try {
    await state.platform.models.changeModel(model.id, ["training"], { state: "failed", detail: message, code, hint });
  } catch {
    // Its record is what has failed, or it is ready: the error that is told matters more.
  }
  return { event: "failed", modelId: model.id, code, message, hint };
}
