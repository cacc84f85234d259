import type { RunRecord } from "../../core/svg/store.ts";
import { addCloudFlags, checkPlace, type CloudFlags } from "../cloud/flags.ts";
import type { Define } from "../define.ts";
import { homeFlag, homeOption, homePath, isHome } from "../home.ts";
import { COMMAND } from "../invocation.ts";
import type { Io } from "../io.ts";
import { NO_PACE, paceOf } from "../pace.ts";
import { findRun } from "../run-ids.ts";
import type { State } from "../platform.ts";
import { hideTeacherKey } from "../teacher-key.ts";
import { type Standing, standingsTable, standingText } from "../text/standing.ts";

interface Flags extends CloudFlags {
  readonly home?: string;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .argument("[run]", "run id, a unique beginning of one, or latest; without it, the list of runs")
    .addOption(homeOption())
    .option("--json", "print one JSON document: a run's summary, or an array of them");
  addCloudFlags(command, "the runs")
    .addHelpText(
      "after",
      `
Examples:
  serac status
  serac status latest
  serac status --cloud
  serac status my-service-2026 --json`,
    )
    .action((run: string | undefined, flags: Flags) => status(run, flags, io));
};

async function status(run: string | undefined, flags: Flags, io: Io): Promise<void> {
  checkPlace({ ...flags }, ["--home"]);
  if (flags.cloud === true) {
    const { cloudStatus } = await import("../cloud/status.ts");
    return cloudStatus(run, flags, io);
  }
  const home = homePath(io, flags.home);
  if (run === undefined && !isHome(home)) return io.out.write(flags.json ? "[]\n" : noRuns(home));
  const { withState } = await import("../platform.ts");
  await withState(home, async (state) => {
    if (run === undefined) return list(state, flags, io);
    const found = await findRun(state.platform.store, run);
    hideTeacherKey(found.config, io);
    const standing = await standingOf(state, found);
    await io.out.write(flags.json ? `${JSON.stringify(standing)}\n` : standingText(standing, homeFlag(home)));
  });
}

async function standingOf(state: State, run: RunRecord): Promise<Standing> {
  const { summarizeRun } = await import("../../core/svg/pipeline/index.ts");
  const active = state.isActive(run.id);
  const { store, clock } = state.platform;
  const pace = active ? await paceOf(store, run, clock.now()) : NO_PACE;
  return { ...(await summarizeRun(state.platform, run.id)), active, ...pace };
}

async function list(state: State, flags: Flags, io: Io): Promise<void> {
  const standings: Standing[] = [];
  for (const run of await state.platform.store.listRuns()) standings.push(await standingOf(state, run));
  if (flags.json) return io.out.write(`${JSON.stringify(standings)}\n`);
  if (standings.length === 0) return io.out.write(noRuns(state.path));
  await io.out.write(standingsTable(standings));
}

const noRuns = (home: string): string => `No runs in ${home} yet. Start one with: ${COMMAND} run <repo>\n`;
