import { rm } from "node:fs/promises";
import { InputError } from "../../core/errors/index.ts";
import { MODEL_STATES, OPEN_MODEL_STATES, type ModelRecord } from "../../core/training/model.ts";
import { homeFlag, homePath, isHome } from "../home.ts";
import type { Io } from "../io.ts";
import { COMMAND } from "../invocation.ts";
import { type State, withState } from "../platform.ts";
import { modelsTable, modelText, stateWord } from "../text/model.ts";
import { findModel } from "./find-model.ts";
import type { ModelsFlags } from "./flags.ts";

/** `serac models` on the home. */
export async function localModels(action: string, given: string | undefined, flags: ModelsFlags, io: Io): Promise<void> {
  if (action === "download")
    throw new InputError("usage", "download is for models in the cloud.", {
      hint: "Add --cloud. `serac models show` says where the files of one of this machine are.",
    });
  const home = homePath(io, flags.home);
  const none = `No models in ${home} yet. Train one with: ${COMMAND} train <run>\n`;
  if (action === "list" && !isHome(home)) return io.out.write(flags.json ? "[]\n" : none);
  await withState(home, async (state) => {
    const models = await state.platform.models.listModels();
    if (action === "list") {
      if (flags.json) return io.out.write(`${JSON.stringify(models.map((model) => shown(state, model)))}\n`);
      return io.out.write(models.length === 0 ? none : modelsTable(models.map((model) => listed(state, model))));
    }
    const model = findModel(models, given!, `${COMMAND} models${homeFlag(home)}`);
    const after = action === "cancel" ? await cancel(state, model) : action === "delete" ? await remove(state, model) : model;
    if (flags.json) return io.out.write(`${JSON.stringify(shown(state, after))}\n`);
    await io.out.write(
      action === "delete" ? `Model ${model.id} is deleted.\n` : `${modelText(shown(state, after))}${nextStep(state, after)}`,
    );
  });
}

const shown = (state: State, model: ModelRecord) => ({
  ...model,
  state: stateWord(model.state, state.isActive(model.id)),
  location: model.state === "ready" ? `${state.modelDirectory(model.id)}/model` : null,
});

const listed = (state: State, { config, data, result, ...model }: ModelRecord) => ({
  ...model,
  ...config,
  state: stateWord(model.state, state.isActive(model.id)),
  rehearsal: data?.rehearsal ?? null,
  loss: result?.lastLoss ?? null,
});

function nextStep(state: State, { id, state: at }: ModelRecord): string {
  const isStopped = OPEN_MODEL_STATES.includes(at) && !state.isActive(id);
  return isStopped || at === "failed" ? `\nGo on with: ${COMMAND} train --resume ${id}${homeFlag(state.path)}\n` : "";
}

/** A training that nobody works on is given up; the process of one that goes on is the user's own to stop. */
async function cancel(state: State, model: ModelRecord): Promise<ModelRecord> {
  refuseActive(state, model, "cancelled");
  if (!OPEN_MODEL_STATES.includes(model.state)) return model;
  return state.platform.models.changeModel(model.id, OPEN_MODEL_STATES, { state: "cancelled", detail: null });
}

async function remove(state: State, model: ModelRecord): Promise<ModelRecord> {
  refuseActive(state, model, "deleted");
  const folders = [state.modelDirectory(model.id), state.scratchDirectory(model.id)];
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  // Last: a model whose files could not be removed is still in the list.
  await state.platform.models.removeModel(model.id, MODEL_STATES);
  await rm(state.logFile(model.id), { force: true });
  return model;
}

function refuseActive(state: State, { id }: ModelRecord, what: string): void {
  if (!state.isActive(id)) return;
  throw new InputError("home_in_use", `A process is training model ${id}: it is not ${what}.`, {
    hint: "Stop it with Ctrl-C there, then call this again.",
  });
}
