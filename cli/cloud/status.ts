import { COMMAND } from "../invocation.ts";
import type { Io } from "../io.ts";
import { NO_PACE } from "../pace.ts";
import type { CloudRun } from "../platform/cloud.ts";
import { type Standing, standingsTable, standingText } from "../text/standing.ts";
import { findCloudRun } from "./find-run.ts";
import { again, type CloudFlags } from "./flags.ts";
import { openCloud } from "./open.ts";

interface Flags extends CloudFlags {
  readonly json?: true;
}

const LISTED = 50;

/** `serac status --cloud`: a run, or the newest ones. */
export async function cloudStatus(given: string | undefined, flags: Flags, io: Io): Promise<void> {
  const client = await openCloud(flags, io);
  if (given !== undefined) {
    const standing = standingOf(await client.run(await findCloudRun(client, given)));
    return io.out.write(flags.json ? `${JSON.stringify(standing)}\n` : standingText(standing, again(flags)));
  }
  const { runs, next } = await client.listRuns({ limit: LISTED });
  const standings = runs.map((run) => ({ ...run, ...NO_PACE, active: true }));
  if (flags.json) return io.out.write(`${JSON.stringify(standings)}\n`);
  if (standings.length === 0) return io.out.write(`No runs at ${client.url} yet. Start one with: ${COMMAND} run <repo>${again(flags)}\n`);
  const more = next === null ? "" : `… and older ones\n`;
  await io.out.write(`${standingsTable(standings)}${more}`);
}

/** Somebody is always there to go on: a function that dies is replaced. */
const standingOf = ({ config: _unused, ...run }: CloudRun): Standing & Omit<CloudRun, "config"> => ({ ...run, active: true });
