import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { SeracConfig } from "../../core/config/schema.ts";
import type { Measured } from "../../core/plan/earlier/measure.ts";
import type { PlanEstimate } from "../../core/plan/estimate.ts";
import type { TrainingEstimate } from "../../core/training/estimate.ts";
import { addCloudFlags, checkPlace, type CloudFlags } from "../cloud/flags.ts";
import type { Define } from "../define.ts";
import { addConfigFlags, type GivenFlags } from "../config/flags.ts";
import { homeOption, homePath } from "../home.ts";
import type { Io } from "../io.ts";

interface Flags extends GivenFlags, CloudFlags {
  readonly config?: string;
  readonly survey: boolean;
  readonly assume?: true;
  readonly train?: true;
  readonly home?: string;
  readonly json?: true;
}

/** Of earlier runs, looked at. */
const MOST_SAMPLES = 200;

export const define: Define = (command, io) => {
  command
    .argument("[repo|config]", "a repository or plain folder, or a serac.yaml (default: serac.yaml here, else .)")
    .option("-c, --config <file>", "settings, when the argument is a repository");
  addConfigFlags(command, ["plan", "teacher", "rollout", "repository", "train"])
    .option("--train", "and what training on it would take, also where the settings have no train section")
    .option("--no-survey", "do not count the repository's functions")
    .option("--assume", "take the paper's figures, whatever earlier runs have measured")
    .addOption(homeOption())
    .option("--json", "print one JSON document");
  addCloudFlags(command, "the figures")
    .addHelpText(
      "after",
      `
Nothing is spent and nobody is asked. Where the home, or the deployment, has finished runs with the same teacher and
toolset, the figures are those that were measured there; else they are the paper's. Each says where it comes from. Prices
are set with teacher.price in serac.yaml or with --set, in USD per 1M tokens.

Examples:
  serac estimate . --samples 800
  serac estimate . --samples 8000 --train --base Qwen/Qwen3-32B
  serac estimate serac.yaml --json
  serac estimate . --set teacher.price.input=0.2 --set teacher.price.output=1.1 --teacher http://gpu:8000/v1 --model M`,
    )
    .action((given: string | undefined, flags: Flags) => estimate(given, flags, io));
};

async function estimate(given: string | undefined, flags: Flags, io: Io): Promise<void> {
  checkPlace({ ...flags }, ["--home"]);
  const { readConfig } = await import("../config/resolve.ts");
  const { countFunctions } = await import("../run/functions.ts");
  const isFile = given !== undefined && (await stat(resolve(io.cwd, given)).catch(() => null))?.isFile() === true;
  const request = {
    repo: isFile ? null : (given ?? null),
    configFile: isFile ? given : (flags.config ?? null),
    flags: { ...flags, set: [...(flags.train === true ? ["train={}"] : []), ...(Array.isArray(flags["set"]) ? flags["set"] : [])] },
    rehearse: false,
  };
  const { config } = await readConfig(request, io);
  const functions = flags.survey ? await countFunctions(config) : null;
  const result = await (flags.cloud === true ? fromCloud : fromHere)(config, functions, flags, io);
  if (flags.json) return io.out.write(`${JSON.stringify(result)}\n`);
  const { estimateText } = await import("../text/estimate.ts");
  const { trainingEstimateText } = await import("../text/training-estimate.ts");
  await io.out.write(`${estimateText(result)}${result.training == null ? "" : trainingEstimateText(result.training)}`);
}

/** `training`: only where it was asked for; null where the base's shape is not known. */
type Estimated = PlanEstimate & { readonly training?: TrainingEstimate | null };

async function fromHere(config: SeracConfig, functions: number | null, flags: Flags, io: Io): Promise<Estimated> {
  const { estimatePlan } = await import("../../core/plan/estimate.ts");
  const measured = flags.assume === true ? null : await measuredHere(config, homePath(io, flags.home));
  const plan = estimatePlan({ config, functions, measured });
  const { train } = config;
  if (train === undefined) return plan;
  const { trainingOfPlan } = await import("../train/estimate.ts");
  const { training, note } = await trainingOfPlan({ config, train, samples: plan.samples.planned, measured }, io.env);
  return { ...plan, training, notes: note === null ? plan.notes : [...plan.notes, note] };
}

/** Null where no run was started yet. */
async function measuredHere(config: SeracConfig, home: string): Promise<Measured | null> {
  const { homeIsThere, withState } = await import("../platform.ts");
  if (!homeIsThere(home)) return null;
  const { measureEarlier } = await import("../../core/svg/earlier/measure-earlier.ts");
  return withState(home, ({ platform }) => measureEarlier(platform, config, { most: MOST_SAMPLES }));
}

async function fromCloud(config: SeracConfig, functions: number | null, flags: Flags, io: Io): Promise<Estimated> {
  const { cloudEstimate } = await import("../cloud/estimate.ts");
  return cloudEstimate({ config, functions, assume: flags.assume === true }, flags, io);
}
