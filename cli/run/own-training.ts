import type { SeracConfig, TrainConfig } from "../../core/config/schema.ts";
import { InputError } from "../../core/errors/index.ts";
import { newModel } from "../../core/training/new-model.ts";
import { homeFlag } from "../home.ts";
import type { Io } from "../io.ts";
import { COMMAND } from "../invocation.ts";
import type { State } from "../platform.ts";
import { localBase, type LocalBase, refuseUnfit } from "../train/base.ts";
import { chooseTrainer, type ChosenTrainer } from "../train/choose-trainer.ts";
import { trainNew } from "../train/train.ts";

/** The training that a run's settings ask for, when it can be done here. */
export interface OwnTraining {
  readonly train: TrainConfig;
  readonly base: LocalBase;
  readonly chosen: ChosenTrainer;
}

/**
 * Looks before the run starts whether its model can be trained on this machine. Null where its settings ask for none, or it cannot be: that
 * is told, and is no reason not to make the dataset.
 */
export async function ownTraining(config: SeracConfig, rehearsal: boolean, home: string, io: Io): Promise<OwnTraining | null> {
  const { train } = config;
  if (train === undefined) return null;
  const leave = `Training is left to \`${COMMAND} train\``;
  if (rehearsal && !train.allowRehearsal) {
    io.err.tell(`note: ${leave}: a rehearsal teaches nothing, and train.allowRehearsal is not set.\n`);
    return null;
  }
  try {
    const base = await localBase(train, io.env);
    const chosen = await chooseTrainer({}, home, io);
    refuseUnfit(base, train, chosen);
    return { train, base, chosen };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    io.err.tell(`note: ${leave}: ${error.message}${error.hint === undefined ? "" : `\n      ${error.hint}`}\n`);
    return null;
  }
}

export interface FinishedRun {
  readonly state: State;
  readonly runId: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Trains the model of a run whose dataset is written. A dataset that cannot be trained on is told and does not fail the run. */
export async function trainOwn({ train, base, chosen }: OwnTraining, { state, runId, json, quiet }: FinishedRun, io: Io): Promise<void> {
  const run = await state.platform.store.getRun(runId);
  if (run?.state !== "finished") return;
  const { repository, commit, name } = run;
  const nowMs = state.platform.clock.now();
  const model = newModel({ name: train.name ?? name, runId, repository, commit, config: train, nowMs });
  if (!quiet) io.err.tell("\n");
  try {
    await trainNew(
      { state, model, source: { run, folder: null }, base, chosen, flags: { ...(json ? { json } : {}), ...(quiet ? { quiet } : {}) } },
      io,
    );
  } catch (error) {
    const isMade = (await state.platform.models.getModel(model.id)) !== null;
    if (isMade || !(error instanceof InputError)) throw error;
    io.err.tell(`note: No model is trained: ${error.message}\n      Go on with: ${COMMAND} train ${runId}${homeFlag(state.path)}\n`);
  }
}
