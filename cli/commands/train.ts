import { InputError } from "../../core/errors/index.ts";
import { addCloudFlags, checkPlace } from "../cloud/flags.ts";
import { addConfigFlags } from "../config/flags.ts";
import type { Define } from "../define.ts";
import { homeOption } from "../home.ts";
import type { Io } from "../io.ts";
import type { TrainFlags } from "../train/flags.ts";

export const define: Define = (command, io) => {
  command
    .argument("[run|folder]", "run id, a unique beginning of one, latest, or the folder of a dataset (default: latest)")
    .option("-c, --config <file>", "settings (default: those of the run; else serac.yaml here, if there is one)");
  addConfigFlags(command, ["train"])
    .option("--name <name>", "what the model's id begins with (default: the run's name)")
    .option("--allow-rehearsal", "train on what the rehearsal teacher made: to see that all parts work")
    .option("--data <dir>", "train on this dataset, as `serac export --format openai` wrote it")
    .option("--resume <model>", "go on with a model from its last checkpoint; latest works, too")
    .option("--estimate-only", "say what it takes, and check what can be checked; train nothing")
    .addOption(homeOption())
    .option("--python <path>", "the Python that trains (default: $SERAC_TRAINER_PYTHON, else the one of --install)")
    .option("--image <name>", "the docker image that trains (default: $SERAC_TRAINER_IMAGE)")
    .option("--install", "make a Python environment with the trainer's packages, about 6 GB; then train, if a run is named")
    .option("--json", "print one event a line; the last is finished, paused or failed")
    .option("--quiet", "no progress");
  addCloudFlags(command, "train on the machines")
    .option("--detach", "with --cloud: start it and do not follow it")
    .option("--yes", "with --cloud: do not ask before money is spent")
    .addHelpText(
      "after",
      `
Dataset, base, memory and trainer are checked first; only then is a model made. Ctrl-C lets the trainer write a checkpoint,
from which --resume goes on. Keys of the train section that have no flag are set with --set train.KEY=VALUE.

Examples:
  serac train --install
  serac train latest --base ~/models/Qwen3-8B
  serac train latest --base Qwen/Qwen3-8B --set train.epochs=2 --estimate-only
  serac train --resume latest
  serac train latest --cloud --base Qwen/Qwen3-32B --set train.maxUsd=300`,
    )
    .action((given: string | undefined, flags: TrainFlags) => trainAnywhere(given ?? null, flags, io));
};

/** In the cloud the trainer is the deployment's, and the data is what the run wrote there. */
const LOCAL = ["--home", "--data", "--resume", "--python", "--image", "--install"];

async function trainAnywhere(given: string | null, flags: TrainFlags, io: Io): Promise<void> {
  checkPlace(flags, LOCAL, ["--detach", "--yes"]);
  refuseBoth(flags, "data", given === null ? null : "a run", "--data");
  refuseBoth(flags, "resume", given === null ? null : "a run", "--resume");
  refuseBoth(flags, "resume", flags.data === undefined ? null : "--data", "--resume");
  if (flags.cloud === true) {
    const { cloudTrain } = await import("../cloud/train.ts");
    return cloudTrain(given, flags, io);
  }
  if (flags.install === true) {
    const { install } = await import("../train/install.ts");
    await install(flags, io);
    if (given === null && flags.data === undefined && flags.resume === undefined) return;
  }
  if (flags.resume !== undefined) {
    const { resumeTraining } = await import("../train/resume.ts");
    return resumeTraining(flags.resume, flags, io);
  }
  const { train } = await import("../train/train.ts");
  await train(given, flags, io);
}

function refuseBoth(flags: TrainFlags, key: "data" | "resume", other: string | null, flag: string): void {
  if (flags[key] === undefined || other === null) return;
  throw new InputError("usage", `${other} and ${flag} cannot both be given.`, {
    hint: "Each says what is trained; leave one of them out.",
  });
}
