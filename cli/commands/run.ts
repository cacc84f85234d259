import { addCloudFlags, checkPlace } from "../cloud/flags.ts";
import type { CloudRunFlags } from "../cloud/run.ts";
import type { Define } from "../define.ts";
import { addConfigFlags } from "../config/flags.ts";
import { homeOption } from "../home.ts";
import type { Io } from "../io.ts";

export const define: Define = (command, io) => {
  command
    .argument("[repo]", "a git work tree, a bare repository, a folder inside one, or a plain folder (default: .)")
    .option("-c, --config <file>", "settings (default: serac.yaml here, if there is one)")
    .option("--rehearse", "use the rehearsal teacher: scripted, free, and not for real training");
  addConfigFlags(command, ["teacher", "plan", "rollout", "repository"])
    .addOption(homeOption())
    .option("--json", "print one event a line; the last is finished, paused or failed")
    .option("--quiet", "no progress");
  addCloudFlags(command, "run it on the machines")
    .option("--detach", "with --cloud: start it and do not follow it")
    .addHelpText(
      "after",
      `
Settings, key, repository, teacher and sandbox are checked first; only then is a run made. Ctrl-C stops it in a state
from which \`serac resume\` goes on, and no call that was paid for is made again. With --cloud the repository is sent as it
is at its commit, and Ctrl-C ends the looking, not the run.

Examples:
  serac run . --rehearse --samples 20
  serac run ../my-service --teacher http://gpu:8000/v1 --model GLM-4.5-Air --samples 200 --budget 20
  serac run -c serac.yaml --api-key-env TEACHER_API_KEY --json > events.jsonl
  serac run -c serac.yaml --cloud --api https://abc123.execute-api.eu-west-1.amazonaws.com/serac`,
    )
    .action((repo: string | undefined, flags: CloudRunFlags) => runAnywhere(repo ?? null, flags, io));
};

async function runAnywhere(repo: string | null, flags: CloudRunFlags, io: Io): Promise<void> {
  checkPlace(flags, ["--home"], ["--detach"]);
  if (flags.cloud === true) {
    const { cloudRun } = await import("../cloud/run.ts");
    return cloudRun(repo, flags, io);
  }
  const { run } = await import("../run/run.ts");
  await run(repo, flags, io);
}
