import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DATASET_MANIFEST, readDatasetManifest } from "../../core/dataset/manifest.ts";
import type { ModelRecord } from "../../core/training/model.ts";
import { newModel } from "../../core/training/new-model.ts";
import { homePath } from "../home.ts";
import type { Io } from "../io.ts";
import { openExistingState, openState, type State } from "../platform.ts";
import { localBase, localNeed, type LocalBase, unfitFor } from "./base.ts";
import { chooseTrainer, type ChosenTrainer, trainerIfAny } from "./choose-trainer.ts";
import { executeTraining } from "./execute.ts";
import type { TrainFlags } from "./flags.ts";
import { estimateOf, preparedText } from "./preparations.ts";
import { forgetModel, prepareModel } from "./prepare.ts";
import { trainSettings } from "./settings.ts";
import { folderGiven, nameOfSource, refuseRehearsal, runGiven, type Source } from "./source.ts";

/** `serac train`: every check that can be made before the model exists comes before it. */
export async function train(given: string | null, flags: TrainFlags, io: Io): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const home = homePath(io, flags.home);
  const folder = await folderGiven(given, flags.data, io);
  const early = folder === null ? resources.adopt(await openExistingState(home), (opened) => opened.close()) : null;
  const source: Source = early === null ? { run: null, folder: folder! } : { run: await runGiven(early, given ?? "latest"), folder: null };
  const config = await trainSettings(source.run?.config.train, flags, io);
  const origin = await originOf(source);
  refuseRehearsal(origin.what, origin.rehearsal, config);
  const base = await localBase(config, io.env);
  const isEstimate = flags.estimateOnly === true;
  const chosen = isEstimate ? await trainerIfAny(flags, home, io) : await chooseTrainer(flags, home, io);
  const unfit = chosen === null ? null : unfitFor(base, config, chosen);
  if (unfit !== null && !isEstimate) throw unfit;

  const state = early ?? resources.adopt(await openState(home), (opened) => opened.close());
  const model = newModel({
    name: config.name ?? nameOfSource(source),
    runId: origin.runId,
    repository: origin.repository,
    commit: origin.commit,
    config,
    nowMs: state.platform.clock.now(),
  });
  if (chosen === null || isEstimate)
    await tellEstimate({ state, model, source, base, chosen, unfit: unfit?.message ?? null, json: flags.json === true }, io);
  else await trainNew({ state, model, source, base, chosen, flags }, io);
}

export interface NewTraining {
  readonly state: State;
  readonly model: ModelRecord;
  readonly source: Source;
  readonly base: LocalBase;
  readonly chosen: ChosenTrainer;
  readonly flags: Pick<TrainFlags, "json" | "quiet">;
}

/** Makes the model, writes its data, says what it takes, and trains it. Nothing is left where the data is refused. */
export async function trainNew({ state, model, source, base, chosen, flags }: NewTraining, io: Io): Promise<void> {
  const lock = state.lock(model.id);
  try {
    const { prepared, notes } = await prepareModel(state, model, source);
    io.err.tell(preparedText({ model: prepared, base, chosen, home: state.path, notes }));
    await executeTraining({ state, model: prepared, chosen, json: flags.json === true, quiet: flags.quiet === true }, io);
  } finally {
    lock?.release();
  }
}

interface Estimated extends Pick<NewTraining, "state" | "model" | "source" | "base"> {
  /** Null where nothing here trains. */
  readonly chosen: ChosenTrainer | null;
  /** Why it cannot be trained here; null when it can, or nobody knows. */
  readonly unfit: string | null;
  readonly json: boolean;
}

/** What a training takes. The data is written, counted and removed again. */
async function tellEstimate({ state, model, source, base, chosen, unfit, json }: Estimated, io: Io): Promise<void> {
  const lock = state.lock(model.id);
  try {
    const { prepared, notes } = await prepareModel(state, model, source);
    await forgetModel(state, model);
    const needBytes = localNeed(base, prepared.config, chosen ?? { device: "cuda", devices: 1 });
    const said = unfit === null ? notes : [...notes, unfit];
    await io.out.write(
      json
        ? `${JSON.stringify({ data: prepared.data, ...estimateOf(prepared), needBytes, notes: said })}\n`
        : preparedText({ model: prepared, base, chosen, home: state.path, notes: said }),
    );
  } finally {
    lock?.release();
  }
}

interface Origin {
  /** For messages. */
  readonly what: string;
  readonly runId: string | null;
  readonly repository: string;
  readonly commit: string | null;
  readonly rehearsal: boolean;
}

async function originOf({ run, folder }: Source): Promise<Origin> {
  if (run !== null)
    return { what: `Run ${run.id}`, runId: run.id, repository: run.repository, commit: run.commit, rehearsal: run.rehearsal };
  const file = join(folder, DATASET_MANIFEST);
  const { runId, repository, commit, rehearsal } = readDatasetManifest(await readFile(file), file);
  return { what: `The dataset in ${folder}`, runId, repository, commit, rehearsal };
}
