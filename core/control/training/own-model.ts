import { ConflictError, InputError } from "../../errors/index.ts";
import type { RunModel, RunRecord } from "../../svg/store.ts";
import type { ControlPlatform } from "../platform.ts";
import { detailOf } from "../stop-run.ts";
import { startModel } from "./start-model.ts";

/** A run with a `train` section has one model of its own, however often its end is told. */
const ownModelId = (runId: string): string => `${runId}-model`;

/**
 * Starts the training that a finished run asks for. What keeps it from being started is noted on the run and does not fail it. Called
 * again it does nothing.
 */
export async function startOwnModel(platform: ControlPlatform, run: RunRecord): Promise<void> {
  const { config, state, model: known } = run;
  if (config.train === undefined || state !== "finished" || known !== undefined) return;
  const model = await started(platform, run);
  try {
    await platform.store.changeRun(run.id, ["finished"], { model });
  } catch (error) {
    // Resumed in the meantime: its next end finds the model.
    if (!(error instanceof ConflictError)) throw error;
  }
}

async function started(platform: ControlPlatform, run: RunRecord): Promise<RunModel> {
  const config = run.config.train!;
  try {
    const { id } = await startModel(platform, { id: ownModelId(run.id), run, config, name: config.name ?? run.name });
    return { id, note: null };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { id: null, note: `No model is trained: ${detailOf(error)}` };
  }
}
