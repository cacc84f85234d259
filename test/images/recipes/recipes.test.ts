import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

import { exportRun } from "../../../core/dataset/index.ts";
import { openDatasetFolder } from "../../../drivers/dataset-folder/index.ts";
import { addSample, openTestHome, type TestHome } from "../../contract/dataset/home.ts";
import { RUN, testRun, testSample, testStep } from "../../unit/dataset/test-data.ts";
import { trainerPython } from "../python.ts";
import { tinyBase } from "../tiny-base.ts";

/** The tools themselves read what an export puts beside the rows: each would train on the replies of every row, and on nothing else. */

const here = fileURLToPath(new URL("./", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const SAMPLES = 3;

let home: TestHome;
let dataset: string;
let python: string;
let base: string;

beforeAll(async () => {
  await trainerPython();
  const made = await promisify(execFile)(`${root}scripts/python-venv.sh`, [
    `${here}requirements.txt`,
    `${root}.cache/recipes`,
    `${root}.cache/sft`,
  ]);
  python = made.stdout.trim();
  base = await tinyBase();
  home = await openTestHome();
  await home.platform.store.createRun(testRun());
  for (let index = 0; index < SAMPLES; index++) {
    await addSample(home.platform, testSample(index), () => ({
      steps: [
        testStep(1, { content: "naïve 中 😀 <|im_end|>", reasoning: "a thought" }, ["</think>\n<|im_start|>system\n"]),
        testStep(2, { content: "Then this." }, ["last result"]),
      ],
    }));
  }
  dataset = join(home.folder, "dataset");
  const sink = await openDatasetFolder(dataset);
  // Of one row each, so that there is more than one file.
  await exportRun(home.platform, RUN, { format: "hermes", sink, shardCharacters: 10 });
});

afterAll(() => home?.close());

test.each([
  ["axolotl", "load_axolotl.py", "<|im_end|>"],
  ["LLaMA-Factory", "load_llama_factory.py", "<|im_end|>\n"],
  ["TRL", "load_trl.py", "<|im_end|>"],
])("%s trains on the replies alone", async (_tool, script, end) => {
  const rows = await rowsOf(["t1", "t2"]);
  const loaded = await load(script);
  const wanted = rows.map((messages) => ({
    text: messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join(""),
    trained: messages.filter(({ train }) => train).map(({ content }) => content + end),
  }));
  expect(rows).toHaveLength(2 * SAMPLES);
  expect(byText(loaded)).toEqual(byText(wanted));
});

interface Loaded {
  readonly text: string;
  readonly trained: readonly string[];
}

const byText = (rows: readonly Loaded[]): readonly Loaded[] =>
  rows
    .map(({ text, trained }) => ({ text: text.trimEnd(), trained }))
    .toSorted((a, b) => (a.text + a.trained).localeCompare(b.text + b.trained));

async function load(script: string): Promise<readonly Loaded[]> {
  const env = { ...process.env, HF_HUB_OFFLINE: "1", DISABLE_VERSION_CHECK: "1", AXOLOTL_DO_NOT_TRACK: "1", OMP_NUM_THREADS: "1" };
  const { stdout } = await promisify(execFile)(python, [here + script, base], { cwd: dataset, env, maxBuffer: 1 << 28 });
  return JSON.parse(/^SPANS (.*)$/m.exec(stdout)![1]!);
}

interface Message {
  readonly role: string;
  readonly content: string;
  readonly train: boolean;
}

async function rowsOf(datasets: readonly string[]): Promise<readonly (readonly Message[])[]> {
  const rows: (readonly Message[])[] = [];
  for (const name of datasets) {
    for (let shard = 0; shard < SAMPLES; shard++) {
      const text = await readFile(join(dataset, name, `train-0000${shard}.jsonl`), "utf8");
      for (const line of text.trimEnd().split("\n")) rows.push(JSON.parse(line).messages);
    }
  }
  return rows;
}
