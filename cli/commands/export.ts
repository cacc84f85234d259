import { resolve } from "node:path";
import { Option } from "commander";
import type { ExportOptions } from "../../core/dataset/export-options.ts";
import type { ExportReport } from "../../core/dataset/export.ts";
import { DATASET_FORMATS, SELECTIONS } from "../../core/config/schema.ts";
import { InputError } from "../../core/errors/index.ts";
import { addCloudFlags, checkPlace, type CloudFlags } from "../cloud/flags.ts";
import type { Define } from "../define.ts";
import { homeOption, homePath } from "../home.ts";
import type { Io } from "../io.ts";
import { findRun } from "../run-ids.ts";
import { exportText } from "../text/export.ts";
import { version } from "../version.ts";

interface Flags extends CloudFlags {
  readonly format?: ExportOptions["format"];
  readonly out: string;
  readonly file?: "jsonl" | "parquet";
  readonly maxPatchLines?: string;
  readonly meanObservationTokens?: string;
  readonly minKeptRatio?: string;
  readonly contextTokens?: string;
  readonly includeUnsubmitted?: true;
  readonly select?: ExportOptions["select"];
  readonly maxSamples?: string;
  readonly seed?: string;
  readonly home?: string;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .argument("<run>", "run id, a unique beginning of one, or latest")
    .addOption(new Option("--format <name>", "how rows are written (default: hermes)").choices(DATASET_FORMATS))
    .requiredOption("--out <dir>", "a new folder, or one that holds an earlier export")
    .addOption(new Option("--file <kind>", "only this kind of file (default: both)").choices(["jsonl", "parquet"]))
    .option("--max-patch-lines <n>", "leave out trajectories with more added and deleted lines")
    .option("--mean-observation-tokens <n>", "leave out those with longer observations on average")
    .option("--min-kept-ratio <share>", "leave out those that keep a smaller share of their messages within the window")
    .option("--context-tokens <n>", "cut trajectories at this window")
    .option("--include-unsubmitted", "take rollouts that ended in another way than by submitting")
    .addOption(new Option("--select <how>", "who is taken first when --max-samples does not take all").choices(SELECTIONS))
    .option("--max-samples <n>", "rows of t1 and of t2 at most")
    .option("--seed <n>", "of the random selection")
    .addOption(homeOption())
    .option("--json", "print one JSON document");
  addCloudFlags(command, "fetch the dataset")
    .addHelpText(
      "after",
      `
What is not given is taken from the run's own settings. DIR gets t1 (first rollouts), t2 (second rollouts over the
threshold) and a card, in the layout that Hugging Face datasets loads. With --cloud the files come as they were written
when the run finished; a fetch that was broken off goes on where it ended.

Examples:
  serac export latest --out dataset
  serac export latest --format openai --out dataset --max-samples 3000 --select balanced
  serac export latest --cloud --out dataset`,
    )
    .action((run: string, flags: Flags) => exportCommand(run, flags, io));
};

/** What was written is fetched; it is not written anew. */
const LOCAL = [
  "--home",
  "--file",
  "--max-patch-lines",
  "--mean-observation-tokens",
  "--min-kept-ratio",
  "--context-tokens",
  "--include-unsubmitted",
  "--select",
  "--max-samples",
  "--seed",
];

async function exportCommand(given: string, flags: Flags, io: Io): Promise<void> {
  checkPlace({ ...flags }, LOCAL);
  if (flags.cloud === true) {
    const { cloudExport } = await import("../cloud/export.ts");
    return cloudExport(given, flags, io);
  }
  const options = optionsOf(flags);
  const { openDatasetFolder, withState } = await import("../platform.ts");
  const { exportRun } = await import("../../core/dataset/export.ts");
  await withState(homePath(io, flags.home), async ({ platform }) => {
    const run = await findRun(platform.store, given);
    const sink = await openDatasetFolder(resolve(io.cwd, flags.out));
    const report: ExportReport = await exportRun(platform, run.id, { ...options, format: flags.format ?? "hermes", sink, version });
    await io.out.write(flags.json ? `${JSON.stringify(report)}\n` : exportText(report));
  });
}

function optionsOf(flags: Flags): Partial<ExportOptions> {
  const given = {
    kinds: flags.file === undefined ? undefined : [flags.file],
    maxPatchLines: numberOf("--max-patch-lines", flags.maxPatchLines, { from: 1, whole: true }),
    meanObservationTokens: numberOf("--mean-observation-tokens", flags.meanObservationTokens, { from: 1 }),
    minKeptRatio: numberOf("--min-kept-ratio", flags.minKeptRatio, { from: 0, to: 1 }),
    contextTokens: numberOf("--context-tokens", flags.contextTokens, { from: 1024, whole: true }),
    includeUnsubmitted: flags.includeUnsubmitted,
    select: flags.select,
    maxSamples: numberOf("--max-samples", flags.maxSamples, { from: 1, whole: true }),
    seed: numberOf("--seed", flags.seed, { from: 0, whole: true }),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

interface Allowed {
  readonly from: number;
  readonly to?: number;
  readonly whole?: true;
}

function numberOf(flag: string, text: string | undefined, { from, to, whole }: Allowed): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const isAllowed = value >= from && value <= (to ?? Number.MAX_SAFE_INTEGER) && (whole !== true || Number.isInteger(value));
  if (isAllowed) return value;
  const kind = whole === true ? "a whole number" : "a number";
  const span = to === undefined ? `${from} or more` : `from ${from} to ${to}`;
  throw new InputError("usage", `${flag}: found ${JSON.stringify(text)}; allowed: ${kind}, ${span}.`);
}
