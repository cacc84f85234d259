import { existsSync } from "node:fs";
import type { RunRecord } from "../../core/svg/store.ts";
import type { RunSummary } from "../../core/svg/summary.ts";
import type { Define } from "../define.ts";
import { duration } from "../format/duration.ts";
import { table } from "../format/table.ts";
import { homeOption, homePath } from "../home.ts";
import type { Io } from "../io.ts";
import { NO_PACE, type Pace, paceOf } from "../pace.ts";
import { findRun } from "../run-ids.ts";
import type { State } from "../platform.ts";
import { hideTeacherKey } from "../teacher-key.ts";
import { summaryText } from "../text/summary.ts";

interface Flags {
  readonly home?: string;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .argument("[run]", "run id, a unique beginning of one, or latest; without it, the list of runs")
    .addOption(homeOption())
    .option("--json", "print one JSON document: a run's summary, or an array of them")
    .addHelpText(
      "after",
      `
Examples:
  serac status
  serac status latest
  serac status my-service-2026 --json`,
    )
    .action((run: string | undefined, flags: Flags) => status(run, flags, io));
};

/** A summary, whether a process is working on it now, and how fast. */
type Standing = RunSummary & Pace & { readonly active: boolean };

async function status(run: string | undefined, flags: Flags, io: Io): Promise<void> {
  const home = homePath(io, flags.home);
  if (run === undefined && !existsSync(home)) return io.out.write(flags.json ? "[]\n" : noRuns(home));
  const { withState } = await import("../platform.ts");
  await withState(home, async (state) => {
    if (run === undefined) return list(state, flags, io);
    const found = await findRun(state.platform.store, run);
    hideTeacherKey(found.config, io);
    const standing = await standingOf(state, found);
    await io.out.write(flags.json ? `${JSON.stringify(standing)}\n` : standingText(standing));
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
  const rows = standings.map((run) => [
    run.runId,
    stateWord(run),
    `${run.done}/${run.planned}`,
    String(run.accepted),
    run.recallMean === null ? "-" : run.recallMean.toFixed(2),
    (run.spend.settledMicroUsd / 1e6).toFixed(2),
    run.rehearsal ? "rehearsal" : "",
  ]);
  await io.out.write(table([["run", "state", "done", "accepted", "recall", "usd", ""], ...rows], { right: [2, 3, 4, 5] }));
}

const noRuns = (home: string): string => `No runs in ${home} yet. Start one with: serac run <repo>\n`;

/** A run that says it is running, with no process behind it, was killed. */
function stateWord({ state, active }: Standing): string {
  return (state === "running" || state === "preparing") && !active ? "interrupted" : state;
}

function standingText(standing: Standing): string {
  const next = nextStep(standing);
  return `${summaryText(standing)}${paceText(standing)}${next === null ? "" : `\n${next}\n`}`;
}

function paceText({ samplesPerMinute, etaSeconds }: Pace): string {
  if (samplesPerMinute === null || etaSeconds === null) return "";
  return `  pace        ${samplesPerMinute.toFixed(1)} samples/min, ${duration(etaSeconds * 1000)} left\n`;
}

function nextStep(standing: Standing): string | null {
  const word = stateWord(standing);
  if (word === "interrupted") return `No process is working on it. Go on with: serac resume ${standing.runId}`;
  if (word === "paused" || word === "failed") return `Go on with: serac resume ${standing.runId}`;
  if (standing.accepted > 0 && word !== "running") return `Export it with: serac export ${standing.runId} --format hermes --out dataset`;
  return null;
}
