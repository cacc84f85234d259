import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDatasetManifest } from "../../core/dataset/manifest.ts";
import { TRAINING_JOB_SCHEMA, trainingJobSchema, type TrainingJob } from "../../core/training/job.ts";
import { exampleRepository, serac } from "../e2e/serac.ts";
import { tinyBase } from "./tiny-base.ts";

/** What the tiny base calls itself where its adapter is served. */
export const TINY_BASE_NAME = "serac-test/tiny";

/**
 * Fills `root` as `serac train` does: sixteen trajectories of a run on the example repository with the rehearsal teacher, exported, and the
 * job to learn them by heart. The run's own files stay in `folder`.
 */
export async function memorisedRun(folder: string, root: string, settings: Partial<TrainingJob["settings"]> = {}): Promise<void> {
  await exampleRepository(folder);
  const run = ["--rehearse", "--samples", "20", "--toolset", "mini", "--max-calls", "12", "--threshold", "0", "--concurrency", "2"];
  const rows = ["--format", "openai", "--file", "jsonl", "--max-samples", "16", "--out", join(folder, "dataset")];
  for (const words of [
    ["run", "parcels", ...run, "--quiet"],
    ["export", "latest", ...rows],
  ]) {
    const { code, stderr } = await serac([...words, "--home", join(folder, "home")], { cwd: folder });
    if (code !== 0) throw new Error(`serac ${words[0]} ended with ${code}.\n${stderr}`);
  }
  await mkdir(join(root, "data"), { recursive: true });
  for (const name of ["dataset.json", "t2"]) await cp(join(folder, "dataset", name), join(root, "data", name), { recursive: true });
  const manifest = readDatasetManifest(await readFile(join(root, "data/dataset.json")), "dataset.json");
  const job: TrainingJob = {
    schema: TRAINING_JOB_SCHEMA,
    modelId: "tiny",
    name: "tiny",
    base: { source: await tinyBase(), revision: null, name: TINY_BASE_NAME },
    data: {
      datasets: ["t2"],
      rows: manifest.t2.rows,
      toolset: manifest.toolsets[0]!,
      rehearsal: manifest.rehearsal,
      textsSha256: manifest.t2.textsSha256,
    },
    templateSha256: manifest.templateSha256!,
    settings: { ...SETTINGS, ...settings },
    lineage: {
      runId: manifest.runId,
      repository: manifest.repository,
      commit: manifest.commit,
      seracVersion: manifest.seracVersion ?? "0.0.0",
    },
  };
  await writeFile(join(root, "job.json"), JSON.stringify(trainingJobSchema.parse(job)));
}

/** Sixteen times fifteen steps of one trajectory each, at a rate that only so small a model bears. */
const SETTINGS: TrainingJob["settings"] = {
  method: "full",
  contextTokens: 1024,
  epochs: 15,
  learningRate: 2e-3,
  batchSize: 1,
  warmupSteps: 10,
  weightDecay: 0.01,
  loraRank: 64,
  loraAlpha: 64,
  saveSteps: 20,
  heldOut: 0,
  seed: 1,
  sequenceParallel: 1,
  allowRehearsal: true,
};
