import { estimatePlan } from "../../core/plan/estimate.ts";
import { createRun } from "../../core/svg/pipeline/index.ts";
import type { GivenFlags } from "../config/flags.ts";
import { nameOf, readConfig, teacherOf } from "../config/resolve.ts";
import { homePath } from "../home.ts";
import type { Io } from "../io.ts";
import { chooseSandbox, homeIsThere, openRepository, openState } from "../platform.ts";
import { estimateLine } from "../text/estimate.ts";
import { teacherKey } from "../teacher-key.ts";
import { readDemonstrations } from "./demonstrations.ts";
import { execute } from "./execute.ts";
import { requireFunctions } from "./functions.ts";
import { ownTraining, trainOwn } from "./own-training.ts";
import { preparationsText } from "./preparations.ts";
import { openTeaching, probeWarnings } from "./teaching.ts";

export interface RunFlags extends GivenFlags {
  readonly config?: string;
  readonly rehearse?: true;
  readonly home?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** `serac run`: every check that can be made before the run exists comes before it. */
export async function run(repo: string | null, flags: RunFlags, io: Io): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { config, file } = await readConfig({ repo, configFile: flags.config ?? null, flags, rehearse: flags.rehearse === true }, io);
  teacherOf(config);
  teacherKey(config, io);
  const demonstrations = await readDemonstrations(config.describe.demonstrations);
  const home = homePath(io, flags.home);
  // A home that cannot be used is found before the teacher is asked; one that is not there is made after it.
  const early = homeIsThere(home) ? resources.adopt(await openState(home), (state) => state.close()) : null;
  const repository = resources.adopt(await openRepository(config.repo.source, config.repo.commit), (source) => source.close());
  await requireFunctions(repository, config);
  const teaching = resources.adopt(await openTeaching(config, io), (opened) => opened.close());
  const { provider: sandbox, fallback } = await chooseSandbox(config, null);
  resources.defer(() => sandbox.close());
  const training = await ownTraining(config, teaching.probe.rehearsal, home, io);

  const state = early ?? resources.adopt(await openState(home), (opened) => opened.close());
  const { id } = await createRun(state.platform, {
    config,
    name: nameOf(config),
    repository,
    demonstrations,
    rehearsal: teaching.probe.rehearsal,
  });
  const estimate = estimateLine(estimatePlan({ config, functions: null }));
  const lock = state.lock(id);
  if (lock !== null) resources.defer(() => lock.release());

  io.err.tell(preparationsText({ id, config, file, repository, probe: teaching.probe, sandbox, fallback, home, estimate }));
  for (const warning of probeWarnings(config, teaching.probe)) io.err.tell(`${warning}\n`);
  const shown = { json: flags.json === true, quiet: flags.quiet === true };
  await execute({ state, runId: id, config, repository, teaching, sandbox, ...shown }, io);
  if (training !== null) await trainOwn(training, { state, runId: id, ...shown }, io);
}
