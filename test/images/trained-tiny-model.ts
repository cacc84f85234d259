import { createHash } from "node:crypto";
import { access, mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeFolder, temporaryFolder } from "../folder.ts";
import { memorisedRun } from "./memorised-run.ts";
import { tinyBase } from "./tiny-base.ts";
import { startTrainer } from "./trainer-process.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** All that the trajectories, their text and the training depend on. */
const SOURCES = [
  "batch-images/sft",
  "batch-images/vllm",
  "core/agent",
  "core/dataset/formats",
  "core/dataset/serve-template.ts",
  "core/training/job.ts",
  "test/examples/parcels",
  "test/images/memorised-run.ts",
  "test/images/trained-tiny-model.ts",
];

export interface TrainedTinyModel {
  /** As the trainer leaves it: `job.json`, `data/t2/train-00000.jsonl`, `metrics.jsonl`, `result.json`, `model/`. */
  readonly root: string;
  /** `root`'s `model/`: config, weights, tokenizer, chat_template.jinja. */
  readonly weights: string;
  /** Folder of the base that it was trained from. */
  readonly base: string;
}

let made: Promise<TrainedTinyModel> | undefined;

/**
 * A model that knows sixteen trajectories of the real pipeline by heart: trained once by the real trainer, about a minute of one core, and
 * kept in .cache/ under the hash of what it depends on. Nobody writes to it.
 */
export function trainedTinyModel(): Promise<TrainedTinyModel> {
  return (made ??= make());
}

async function make(): Promise<TrainedTinyModel> {
  const base = await tinyBase();
  const hash = createHash("sha256").update(base);
  for (const path of (await Promise.all(SOURCES.map(filesOf))).flat())
    hash
      .update(path)
      .update(await readFile(path))
      .update("\0");
  const root = `${repository}.cache/trained-tiny/${hash.digest("hex").slice(0, 16)}`;
  const model = { root, weights: join(root, "model"), base };
  if (await exists(root)) return model;

  await mkdir(`${repository}.cache/trained-tiny`, { recursive: true });
  const unfinished = `${root}.${process.pid}`;
  const folder = temporaryFolder();
  try {
    await memorisedRun(folder, unfinished);
    const trainer = await startTrainer({ root: unfinished, scratch: join(folder, "scratch") });
    const { code, stderr } = await trainer.ended;
    if (code !== 0) throw new Error(`The trainer ended with ${code}.\n${stderr}`);
    await rm(join(unfinished, "checkpoints"), { recursive: true });
    await rename(unfinished, root).catch(async (error: unknown) => {
      // Another test was faster: theirs is as good.
      if (!(await exists(root))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await removeFolder(folder);
  }
  return model;
}

async function filesOf(source: string): Promise<readonly string[]> {
  const path = `${repository}${source}`;
  if (/\.\w+$/.test(source)) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("__pycache__"))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
