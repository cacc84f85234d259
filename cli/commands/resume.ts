import { addCloudFlags, checkPlace } from "../cloud/flags.ts";
import type { CloudResumeFlags } from "../cloud/resume.ts";
import type { Define } from "../define.ts";
import { homeOption } from "../home.ts";
import type { Io } from "../io.ts";

export const define: Define = (command, io) => {
  command
    .argument("<run>", "run id, a unique beginning of one, or latest")
    .addOption(homeOption())
    .option("--budget <usd>", "a new budget for the whole run, what was spent included; none lifts it")
    .option("--retry-failed", "take up the samples that failed, too")
    .option("--json", "print one event a line; the last is finished, paused or failed")
    .option("--quiet", "no progress");
  addCloudFlags(command, "go on with a run, and follow it,")
    .option("--detach", "with --cloud: do not follow it")
    .addHelpText(
      "after",
      `
The run goes on with the settings it was started with. Rollouts continue after their last finished step.

Examples:
  serac resume latest
  serac resume latest --budget 100
  serac resume latest --cloud
  serac resume my-service-20261121 --retry-failed`,
    )
    .action((run: string, flags: CloudResumeFlags) => resumeAnywhere(run, flags, io));
};

async function resumeAnywhere(run: string, flags: CloudResumeFlags, io: Io): Promise<void> {
  checkPlace({ ...flags }, ["--home"], ["--detach"]);
  if (flags.cloud === true) {
    const { cloudResume } = await import("../cloud/resume.ts");
    return cloudResume(run, flags, io);
  }
  const { resume } = await import("../run/resume.ts");
  await resume(run, flags, io);
}
