import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { TrainConfig } from "../../core/config/schema.ts";
import { DATASET_MANIFEST } from "../../core/dataset/manifest.ts";
import { InputError } from "../../core/errors/index.ts";
import type { RunRecord } from "../../core/svg/store.ts";
import type { Io } from "../io.ts";
import type { State } from "../platform.ts";
import { findRun } from "../run-ids.ts";

/** What is trained on: a run of the home, or a dataset in a folder. */
export type Source = { readonly run: RunRecord; readonly folder: null } | { readonly run: null; readonly folder: string };

/** The folder that is named, absolute; null where a run is meant. InputError("usage") for a folder that is not there. */
export async function folderGiven(given: string | null, data: string | undefined, io: Io): Promise<string | null> {
  const named = data ?? given;
  if (named === null) return null;
  const folder = resolve(io.cwd, named);
  const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;
  // An id of a run has no slash, and a folder with that name beside it is no dataset.
  const isMeant = data !== undefined || /[/\\]|^\.\.?$/.test(named) || (await isThere(join(folder, DATASET_MANIFEST)));
  if (!isMeant) return null;
  if (await isThere(join(folder, DATASET_MANIFEST))) return folder;
  const why = (await isThere(folder)) ? `has no ${DATASET_MANIFEST}` : "is not there";
  throw new InputError("usage", `${data === undefined ? "" : "--data: "}${named} ${why}: it is no dataset of serac.`, {
    hint: "`serac export <run> --format openai --out DIR` writes one; a run is named by its id, or by latest.",
  });
}

/** A run that has come to rest. InputError("run_unknown"), InputError("training_unfit") for one that goes on, or that nothing came of. */
export async function runGiven(state: State, given: string): Promise<RunRecord> {
  const run = await findRun(state.platform.store, given);
  if (state.isActive(run.id))
    throw new InputError("training_unfit", `Run ${run.id} is still going on: its dataset is not whole.`, {
      hint: "Wait for its end, or stop it with Ctrl-C: what is accepted by then can be trained on.",
    });
  const accepted = await state.platform.store.listSamples(run.id, { states: ["accepted"], limit: 1 });
  if (accepted.length === 0)
    throw new InputError("training_unfit", `Run ${run.id} has accepted no sample: there is nothing to train on.`, {
      hint: `\`serac status ${run.id}\` tells why samples were rejected, and how to go on with a run that is not finished.`,
    });
  return run;
}

/** Before anything is written: a rehearsal teaches nothing. InputError("training_unfit"). */
export function refuseRehearsal(what: string, isRehearsal: boolean, { allowRehearsal }: TrainConfig): void {
  if (!isRehearsal || allowRehearsal) return;
  throw new InputError("training_unfit", `${what} was made by the rehearsal teacher: it teaches nothing.`, {
    hint: "Make a run with a real teacher; --allow-rehearsal trains on it all the same, to see that all parts work.",
  });
}

export const nameOfSource = ({ run, folder }: Source): string => run?.name ?? basename(folder ?? "model");
