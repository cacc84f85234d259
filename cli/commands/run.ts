import type { Define } from "../define.ts";
import { addConfigFlags } from "../config/flags.ts";
import { homeOption } from "../home.ts";
import type { RunFlags } from "../run/run.ts";

export const define: Define = (command, io) => {
  command
    .argument("[repo]", "a git work tree, a bare repository, a folder inside one, or a plain folder (default: .)")
    .option("-c, --config <file>", "settings (default: serac.yaml here, if there is one)")
    .option("--rehearse", "use the rehearsal teacher: scripted, free, and not for real training");
  addConfigFlags(command, ["teacher", "plan", "rollout", "repository"])
    .addOption(homeOption())
    .option("--json", "print one event a line; the last is finished, paused or failed")
    .option("--quiet", "no progress")
    .addHelpText(
      "after",
      `
Settings, key, repository, teacher and sandbox are checked first; only then is a run made. Ctrl-C stops it in a state
from which \`serac resume\` goes on, and no call that was paid for is made again.

Examples:
  serac run . --rehearse --samples 20
  serac run ../my-service --teacher http://gpu:8000/v1 --model GLM-4.5-Air --samples 200 --budget 20
  serac run -c serac.yaml --api-key-env TEACHER_API_KEY --json > events.jsonl`,
    )
    .action(async (repo: string | undefined, flags: RunFlags) => {
      const { run } = await import("../run/run.ts");
      await run(repo ?? null, flags, io);
    });
};
