import { addCloudFlags, checkPlace, type CloudFlags } from "../cloud/flags.ts";
import type { Define } from "../define.ts";
import { homeOption, homePath } from "../home.ts";
import type { Io } from "../io.ts";
import { findRun } from "../run-ids.ts";
import { summaryText } from "../text/summary.ts";

interface Flags extends CloudFlags {
  readonly home?: string;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .argument("<run>", "run id, a unique beginning of one, or latest")
    .addOption(homeOption())
    .option("--json", "print the run's summary as one JSON document");
  addCloudFlags(command, "cancel a run")
    .addHelpText(
      "after",
      `
A process that works on the run notices within a second and stops. A cancelled run cannot be resumed; a run that is
only to rest is stopped with Ctrl-C and resumed later. What it accepted stays: it can be exported, and with --cloud it
becomes the run's dataset within minutes.

Examples:
  serac cancel latest
  serac cancel my-service-20261121-101500-a1b2`,
    )
    .action((run: string, flags: Flags) => cancel(run, flags, io));
};

async function cancel(run: string, flags: Flags, io: Io): Promise<void> {
  checkPlace({ ...flags }, ["--home"]);
  if (flags.cloud === true) {
    const { cloudCancel } = await import("../cloud/cancel.ts");
    return cloudCancel(run, flags, io);
  }
  const { withState } = await import("../platform.ts");
  const { cancelRun } = await import("../../core/svg/pipeline/index.ts");
  await withState(homePath(io, flags.home), async ({ platform }) => {
    const { id } = await findRun(platform.store, run);
    const summary = await cancelRun(platform, id);
    await io.out.write(flags.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  });
}
