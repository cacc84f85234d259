import { Option } from "commander";
import type { SampleRecord } from "../../core/svg/sample.ts";
import { addCloudFlags, checkPlace, type CloudFlags } from "../cloud/flags.ts";
import type { Define } from "../define.ts";
import { homeOption, homePath } from "../home.ts";
import { type Io, wantsColor } from "../io.ts";
import type { ShownRollout } from "../samples.ts";

interface Flags extends CloudFlags {
  readonly rollout: "both" | "first" | "second";
  readonly full?: true;
  readonly pager: boolean;
  readonly home?: string;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .argument("<sample>", "sample id; <run> and the sample's number do too, as in latest-s12")
    .addOption(new Option("--rollout <which>", "which rollout to show").choices(["both", "first", "second"]).default("both"))
    .option("--full", "do not shorten long observations")
    .option("--no-pager", "print at once, also on a terminal")
    .addOption(homeOption())
    .option("--json", "print one JSON document: the sample, its trajectories and patches");
  addCloudFlags(command, "a sample")
    .addHelpText(
      "after",
      `
Examples:
  serac show latest-s1
  serac show my-service-20261121-101500-a1b2-s000012 --rollout second --full`,
    )
    .action((sample: string, flags: Flags) => show(sample, flags, io));
};

async function show(given: string, flags: Flags, io: Io): Promise<void> {
  checkPlace({ ...flags }, ["--home"]);
  const { sample, rollouts } = flags.cloud === true ? await fromCloud(given, flags, io) : await fromHome(given, flags, io);
  if (flags.json) {
    await io.out.write(`${JSON.stringify({ sample, rollouts })}\n`);
    return;
  }
  const { sampleText } = await import("../text/sample.ts");
  const text = sampleText(sample, rollouts, { full: flags.full === true, color: wantsColor(io.out, io.env) });
  const { printPaged } = await import("../pager.ts");
  await printPaged(text, io, flags.pager);
}

interface Shown {
  readonly sample: SampleRecord;
  readonly rollouts: readonly ShownRollout[];
}

async function fromHome(given: string, flags: Flags, io: Io): Promise<Shown> {
  const { withState } = await import("../platform.ts");
  const { findSample, readRollouts } = await import("../samples.ts");
  const { hideTeacherKey } = await import("../teacher-key.ts");
  return withState(homePath(io, flags.home), async ({ platform }) => {
    const sample = await findSample(platform.store, given);
    const run = await platform.store.getRun(sample.runId);
    if (run !== null) hideTeacherKey(run.config, io);
    const rollouts = await readRollouts(platform, sample);
    return { sample, rollouts: flags.rollout === "both" ? rollouts : rollouts.filter(({ which }) => which === flags.rollout) };
  });
}

async function fromCloud(given: string, flags: Flags, io: Io): Promise<Shown> {
  const { openCloud } = await import("../cloud/open.ts");
  const { readCloudSample } = await import("../cloud/show.ts");
  return readCloudSample(await openCloud(flags, io), given, flags.rollout);
}
