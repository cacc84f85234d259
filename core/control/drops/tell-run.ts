import { SeracError } from "../../errors/index.ts";
import { notesKey } from "../../svg/names.ts";
import { summarizeRun } from "../../svg/pipeline/index.ts";
import type { RunRecord } from "../../svg/store.ts";
import type { RunSummary } from "../../svg/summary.ts";
import { weightsPrefix } from "../../training/names.ts";
import { cloudNotes } from "../cloud-config.ts";
import type { ControlPlatform } from "../platform.ts";
import { noTraining } from "../training/no-training.ts";
import { dropStateOf, type DropResult, type DropRun } from "./result.ts";
import { writeResult, type NewResult } from "./write-result.ts";

export interface TellOptions {
  /** The drop's content is this run's again, whatever was said in between. */
  readonly isNewest?: boolean;
}

/** Writes into the drop that a run came from how it stands. Nothing for runs that came another way, or whose drop has a newer run. */
export async function tellRun(platform: ControlPlatform, runId: string, { isNewest = false }: TellOptions = {}): Promise<void> {
  const drop = (await platform.store.getRun(runId))?.archive?.drop ?? null;
  if (drop === null) return;
  await writeResult(platform, drop, async (before) => {
    const run = await platform.store.getRun(runId);
    if (run === null) return null;
    const view = viewOf(run, await summarizeRun(platform, runId), await modelOf(platform, run));
    if (!isNewest && isNewer(before?.run ?? null, view)) return null;
    // Newer content waits or was refused: that stays said, beside how the run goes on.
    if (!isNewest && before !== null && (before.state === "waiting" || before.state === "refused")) {
      return before.run?.id === runId ? { ...messageOf(before), run: view } : null;
    }
    return { ...(await resultOf(platform, run, view)), run: view };
  });
}

const isNewer = (known: DropRun | null, than: DropRun): boolean =>
  known !== null && known.id !== than.id && known.createdAt >= than.createdAt;

const messageOf = ({ state, message, code, hint, notes }: DropResult): Omit<NewResult, "run"> => ({ state, message, code, hint, notes });

async function modelOf({ models, artifacts }: ControlPlatform, { model: own }: RunRecord): Promise<DropRun["model"]> {
  const model = own?.id == null ? null : await models.getModel(own.id);
  if (model === null) return null;
  const { id, state, detail, hint } = model;
  const location = state === "ready" ? artifacts.locate(weightsPrefix(id).slice(0, -1)) : null;
  return { id, state, detail: [detail, hint].filter((text) => text !== null).join(" ") || null, location };
}

function viewOf(run: RunRecord, summary: RunSummary, model: DropRun["model"]): DropRun {
  const { planned, done, accepted, rejected, failed, spend } = summary;
  return {
    id: run.id,
    state: run.state,
    createdAt: run.createdAt,
    planned,
    done,
    accepted,
    rejected,
    failed,
    spentUsd: spend.settledMicroUsd / 1e6,
    detail: run.detail,
    dataset: run.dataset ?? null,
    model,
  };
}

async function resultOf(platform: ControlPlatform, run: RunRecord, view: DropRun): Promise<Omit<NewResult, "run">> {
  const untrained = run.model === undefined ? trainingNote(platform, run) : run.model.note;
  const notes = [...cloudNotes(run.config), ...(await repositoryNotes(platform, run.id)), ...(untrained === null ? [] : [untrained])];
  return { state: dropStateOf(run.state), message: sentence(run, view), code: null, hint: null, notes };
}

function sentence({ id, state, detail }: RunRecord, view: DropRun): string {
  const counts = `${view.done} of ${view.planned} samples are done, ${view.accepted} accepted`;
  switch (state) {
    case "preparing":
      return `Run ${id} was started and is being prepared.`;
    case "running":
      return `Run ${id} is running: ${counts}.`;
    case "paused":
      return `Run ${id} is paused: ${detail ?? "it can be resumed."} ${counts}.`;
    case "failed":
      return `Run ${id} failed: ${detail ?? "no reason is known."}`;
    case "finished":
      return `Run ${id} is finished: ${counts}. The dataset is at ${view.dataset ?? "the run's datasets folder"}.${modelSentence(view.model)}`;
    default:
      return `Run ${id} was cancelled: ${counts}.${view.dataset === null ? "" : ` The dataset is at ${view.dataset}.`}`;
  }
}

/** Said from the beginning: whoever waits for a model need not wait for the run's end to hear that there will be none. */
const trainingNote = ({ training }: ControlPlatform, { config }: RunRecord): string | null =>
  config.train === undefined || training !== null ? null : `train is not used: ${noTraining().message}`;

function modelSentence(model: DropRun["model"]): string {
  if (model === null) return "";
  const why = model.detail === null ? "." : `: ${model.detail}`;
  switch (model.state) {
    case "preparing":
      return ` Its data for model ${model.id} is being prepared.`;
    case "waiting":
      return ` Model ${model.id} waits for a machine${why}`;
    case "training":
      return ` Model ${model.id} is being trained.`;
    case "ready":
      return ` Model ${model.id} is trained; its files are at ${model.location}.`;
    case "failed":
      return ` Training of model ${model.id} failed${why}`;
    default:
      return ` Training of model ${model.id} was cancelled.`;
  }
}

async function repositoryNotes({ artifacts }: ControlPlatform, runId: string): Promise<readonly string[]> {
  try {
    const notes: readonly string[] = JSON.parse(Buffer.from(await artifacts.get(notesKey(runId))).toString());
    return notes;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return [];
    throw error;
  }
}
