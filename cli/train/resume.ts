import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError, SeracError } from "../../core/errors/index.ts";
import type { ModelRecord } from "../../core/training/model.ts";
import { jobKey, resultKey } from "../../core/training/names.ts";
import { resultOf } from "../../core/training/read-events.ts";
import { homeFlag, homePath } from "../home.ts";
import type { Io } from "../io.ts";
import { COMMAND } from "../invocation.ts";
import { findModel } from "../models/find-model.ts";
import { openExistingState, type State } from "../platform.ts";
import { trainedText } from "../text/trained.ts";
import { localBase, refuseUnfit } from "./base.ts";
import { chooseTrainer } from "./choose-trainer.ts";
import { executeTraining, weightsFolder } from "./execute.ts";
import type { TrainFlags } from "./flags.ts";
import { writeModel } from "./prepare.ts";
import { preparedText } from "./preparations.ts";

/** `serac train --resume`: the same model, with the data and the settings that it was started with, from its last checkpoint. */
export async function resumeTraining(given: string, flags: TrainFlags, io: Io): Promise<void> {
  await using resources = new AsyncDisposableStack();
  refuseSettings(flags);
  const home = homePath(io, flags.home);
  const state = resources.adopt(await openExistingState(home), (opened) => opened.close());
  const list = `${COMMAND} models${homeFlag(home)}`;
  const found = findModel(await state.platform.models.listModels(), given, list);
  refuseEnded(found);
  const lock = state.lock(found.id);
  if (lock === null)
    throw new InputError("home_in_use", `Another process is training model ${found.id}.`, {
      hint: `Wait for it, or stop it with Ctrl-C. \`${list}\` shows how it does.`,
    });
  resources.defer(() => lock.release());
  const published = await publishedBefore(state, found, flags, io);
  if (published) return;

  const base = await localBase(found.config, io.env);
  const chosen = await chooseTrainer(flags, home, io);
  refuseUnfit(base, found.config, chosen);
  const { prepared, notes } = await preparedBefore(state, found);
  const text = preparedText({ model: prepared, base, chosen, home: state.path, notes });
  if (flags.estimateOnly === true) return io.out.write(text);
  io.err.tell(text);
  await executeTraining({ state, model: prepared, chosen, json: flags.json === true, quiet: flags.quiet === true }, io);
}

/** What a model is trained with is decided when it is made. */
function refuseSettings(flags: TrainFlags): void {
  const odd = (["config", "name", "allowRehearsal", "base", "method", "set"] as const).find((key) => flags[key] !== undefined);
  if (odd === undefined) return;
  const flag = odd === "allowRehearsal" ? "allow-rehearsal" : odd;
  throw new InputError("usage", `--${flag} means nothing with --resume: a model goes on with the settings that it was started with.`, {
    hint: "Leave it out, or train a new model on the same run.",
  });
}

function refuseEnded({ id, state }: ModelRecord): void {
  if (state === "ready")
    throw new InputError("training_unfit", `Model ${id} is ready: there is nothing to go on with.`, {
      hint: `\`serac models show ${id}\` says where it is.`,
    });
  if (state === "cancelled")
    throw new InputError("training_unfit", `Model ${id} was cancelled.`, { hint: "Train a new one on the same run." });
}

/** Whoever trained it was killed between the last weight and the record. */
async function publishedBefore({ platform, path, ...state }: State, { id }: ModelRecord, flags: TrainFlags, io: Io): Promise<boolean> {
  const folder = weightsFolder({ ...state, platform, path }, id);
  const content = await platform.artifacts.get(resultKey(id)).catch((error: unknown) => {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  });
  const result = content === null ? null : resultOf(content);
  if (result?.event !== "published" || !existsSync(join(folder, "MANIFEST.json"))) return false;
  const ready = await platform.models.changeModel(id, ["preparing", "training", "failed"], {
    state: "ready",
    detail: null,
    code: null,
    hint: null,
    result,
  });
  await io.out.write(
    flags.json === true
      ? `${JSON.stringify({ event: "finished", modelId: id, state: ready.state, folder, result })}\n`
      : trainedText(ready, folder, path),
  );
  return true;
}

/** Its data and its job, unless making them was broken off. */
async function preparedBefore(state: State, model: ModelRecord) {
  if (model.data !== null && (await state.platform.artifacts.exists(jobKey(model.id)))) return { prepared: model, notes: [] };
  const run = model.runId === null ? null : await state.platform.store.getRun(model.runId);
  if (run === null)
    throw new InputError("training_unfit", `The data of model ${model.id} was never whole, and what it came from is not here.`, {
      hint: `Delete it with \`serac models delete ${model.id}\`, and train anew.`,
    });
  return writeModel(state, model, { run, folder: null });
}
