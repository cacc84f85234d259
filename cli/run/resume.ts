import { existsSync } from "node:fs";
import { InputError } from "../../core/errors/index.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import { retryFailed } from "../../core/svg/pipeline/index.ts";
import type { RunRecord } from "../../core/svg/store.ts";
import { counted } from "../format/count.ts";
import { homePath } from "../home.ts";
import type { Io } from "../io.ts";
import { chooseSandbox, openExistingState, openRepository, type State } from "../platform.ts";
import { findRun } from "../run-ids.ts";
import { budgetOf } from "./budget.ts";
import { execute, ownerOf } from "./execute.ts";
import { ownTraining, trainOwn } from "./own-training.ts";
import { preparationsText } from "./preparations.ts";
import { openTeaching, probeWarnings } from "./teaching.ts";

export interface ResumeFlags {
  readonly home?: string;
  readonly budget?: string;
  readonly retryFailed?: true;
  readonly json?: true;
  readonly quiet?: true;
}

/** `serac resume`: the same checks as at the start, then on from where the run stands. */
export async function resume(given: string, flags: ResumeFlags, io: Io): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const budget = budgetOf(flags.budget);
  const state = resources.adopt(await openExistingState(homePath(io, flags.home)), (opened) => opened.close());
  const found = await findRun(state.platform.store, given);
  refuseEnded(found, flags, state);
  const lock = state.lock(found.id);
  if (lock === null) {
    throw new InputError("home_in_use", `Another process is working on run ${found.id}.`, {
      hint: "Wait for it, stop it with Ctrl-C, or cancel the run with `serac cancel`. `serac status` shows how it does.",
    });
  }
  resources.defer(() => lock.release());
  const { config } = found;
  const repository = resources.adopt(await sourceOf(found), (source) => source.close());
  const teaching = resources.adopt(await openTeaching(config, io), (opened) => opened.close());
  const { provider: sandbox, fallback } = await chooseSandbox(config, found.sandbox?.provider ?? null);
  resources.defer(() => sandbox.close());
  const training = await ownTraining(config, teaching.probe.rehearsal, state.path, io);

  await state.revokeLeases(ownerOf(found.id));
  if (budget !== undefined) await state.platform.store.setBudget(found.id, budget);
  if (flags.retryFailed === true) await takeUpFailed(state, found, io);
  io.err.tell(
    preparationsText({
      id: found.id,
      config,
      file: null,
      repository,
      probe: teaching.probe,
      sandbox,
      fallback,
      home: state.path,
      estimate: null,
    }),
  );
  for (const warning of probeWarnings(config, teaching.probe)) io.err.tell(`${warning}\n`);
  const shown = { json: flags.json === true, quiet: flags.quiet === true };
  await execute({ state, runId: found.id, config, repository, teaching, sandbox, ...shown }, io);
  if (training !== null) await trainOwn(training, { state, runId: found.id, ...shown }, io);
}

function refuseEnded(run: RunRecord, flags: ResumeFlags, state: State): void {
  if (run.state === "cancelled") {
    throw new InputError("run_not_resumable", `Run ${run.id} was cancelled.`, {
      hint: "What it accepted can be exported with `serac export`; start a new run with `serac run`.",
    });
  }
  // Stopped while the dataset was written: that is still to be done.
  const isExported = existsSync(state.datasetDirectory(run.id));
  if (run.state === "finished" && isExported && flags.retryFailed !== true) {
    throw new InputError("run_not_resumable", `Run ${run.id} is finished: every sample has its result.`, {
      hint: "`--retry-failed` takes up the samples that failed; `serac export` writes its dataset again.",
    });
  }
}

async function takeUpFailed({ platform }: State, run: RunRecord, io: Io): Promise<void> {
  const retried = await retryFailed(platform, run.id, ownerOf(run.id));
  io.err.tell(`Taking up ${counted(retried, "failed sample")} again.\n`);
}

/** Once the run is planned nothing is read from the repository any more, so it may have gone. */
async function sourceOf(run: RunRecord): Promise<RepositorySource> {
  const { source, commit } = run.config.repo;
  try {
    return await openRepository(source, run.commit ?? commit);
  } catch (error) {
    if (run.planned === 0 || !(error instanceof InputError)) throw error;
    return {
      origin: run.repository,
      commit: run.commit,
      // oxlint-disable-next-line require-yield -- there is nothing to yield
      async *files() {
        throw error;
      },
      changeTexts: () => Promise.resolve([]),
      notes: [],
      close: () => Promise.resolve(),
    };
  }
}
