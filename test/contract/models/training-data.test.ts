import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DATASET_MANIFEST, SERVE_TEMPLATE_SHA256 } from "../../../core/dataset/index.ts";
import { readTrainingData, writeTrainingData } from "../../../core/training/data.ts";
import { jobOf } from "../../../core/training/job-of.ts";
import type { ModelRecord } from "../../../core/training/model.ts";
import { dataPrefix } from "../../../core/training/names.ts";
import { openDatasetFolder } from "../../../drivers/dataset-folder/index.ts";
import { RUN, testRun, testSample, testStep } from "../../unit/dataset/test-data.ts";
import { addSample, openTestHome, type TestHome } from "../dataset/home.ts";
import { modelRecord as modelOf, trainConfig } from "./model-record.ts";

let home: TestHome;
beforeEach(async () => {
  home = await openTestHome();
});
afterEach(() => home.close());

const modelRecord = (change: Partial<ModelRecord> = {}): ModelRecord => modelOf({ runId: RUN, ...change });

const folder = (): string => join(home.folder, "home", "artifacts", dataPrefix("model1"));

async function written(model: ModelRecord) {
  return writeTrainingData(home.platform, model, { sink: await openDatasetFolder(folder()), version: "0.0.0" });
}

async function addRun(samples: number, rehearsal: boolean): Promise<void> {
  await home.platform.store.createRun(testRun({ rehearsal }));
  for (let at = 0; at < samples; at++) await addSample(home.platform, testSample(at), () => ({ steps: [testStep(at)] }));
}

const rowsOf = async (dataset: string): Promise<Record<string, unknown>[]> =>
  (await readFile(join(folder(), dataset, "train-00000.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("a run's trajectories become the model's own data, whose hash is over all rows in their order", async () => {
  await addRun(9, false);
  const { data, templateSha256, notes } = await written(modelRecord());
  const rows = [...(await rowsOf("t1")), ...(await rowsOf("t2"))];
  const texts = createHash("sha256");
  for (const row of rows) texts.update(`${String(row["text_sha256"])}\n`);
  expect(rows).toHaveLength(18);
  expect(data).toEqual({
    rows: 18,
    tokens: rows.reduce((sum, row) => sum + Number(row["tokens"]), 0),
    trainedTokens: rows.reduce((sum, row) => sum + Number(row["trained_tokens"]), 0),
    toolset: "mini",
    rehearsal: false,
    textsSha256: texts.digest("hex"),
  });
  expect(templateSha256).toBe(SERVE_TEMPLATE_SHA256);
  expect(notes.join(" ")).toContain("18 rows are few");
  expect(await written(modelRecord())).toEqual({ data, templateSha256, notes });

  const second = modelRecord({ config: trainConfig({ datasets: ["t2"] }) });
  const only = await readTrainingData(home.platform.artifacts, second);
  expect(only.data.rows).toBe(9);
  const job = jobOf({ ...second, ...only }, { source: "/bases/x", name: "x" }, "0.0.0");
  expect(job.data).toEqual({ datasets: ["t2"], rows: 9, toolset: "mini", rehearsal: false, textsSha256: only.data.textsSha256 });
});

test("what is empty, tiny or rehearsed is refused, and what to do is said", async () => {
  await addRun(1, true);
  await expect(written(modelRecord())).rejects.toMatchObject({ code: "training_unfit", message: expect.stringContaining("rehearsal") });
  const allowed = modelRecord({ config: trainConfig({ allowRehearsal: true }) });
  expect((await written(allowed)).data).toMatchObject({ rows: 2, rehearsal: true });
});

test("fewer than eight rows are refused, and none at all", async () => {
  await addRun(3, false);
  await expect(written(modelRecord())).rejects.toMatchObject({ message: expect.stringContaining("6 rows in t1 and t2: at least 8") });
  await home.platform.store.createRun(testRun({ id: "empty", rehearsal: false }));
  await expect(written(modelRecord({ runId: "empty" }))).rejects.toMatchObject({ message: expect.stringContaining("no row in t1 and t2") });
});

test("rows that were changed, taken away or added are noticed", async () => {
  await addRun(8, false);
  await written(modelRecord());
  const file = join(folder(), "t1", "train-00000.jsonl");
  const whole = await readFile(file, "utf8");
  const lines = whole.trimEnd().split("\n");
  const changes = [
    lines.slice(1).join("\n"),
    [...lines, lines[0]].join("\n"),
    lines.toReversed().join("\n"),
    whole.replace(/"text_sha256":"[0-9a-f]/, '"text_sha256":"x'),
    "",
    "\n\n\n",
  ];
  for (const changed of changes) {
    await writeFile(file, changed);
    await expect(readTrainingData(home.platform.artifacts, modelRecord())).rejects.toMatchObject({ code: "dataset_invalid" });
  }
  await writeFile(file, whole.trimEnd());
  expect((await readTrainingData(home.platform.artifacts, modelRecord())).data.rows).toBe(16);
});

test("a folder without dataset.json, or with another's, is no dataset", async () => {
  const model = modelRecord({ runId: null });
  await expect(readTrainingData(home.platform.artifacts, model)).rejects.toMatchObject({
    code: "dataset_invalid",
    message: expect.stringMatching(/data\/dataset\.json is missing/),
  });
  await expect(written(model)).rejects.toMatchObject({ code: "training_unfit" });
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), DATASET_MANIFEST), "[]");
  await expect(readTrainingData(home.platform.artifacts, model)).rejects.toMatchObject({ code: "dataset_invalid" });
});
