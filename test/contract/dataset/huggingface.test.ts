import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportRun } from "../../../core/dataset/index.ts";
import { DATASET_FORMATS } from "../../../core/config/schema.ts";
import { openDatasetFolder } from "../../../drivers/dataset-folder/index.ts";
import { bash, RUN, testRun, testSample, testStep } from "../../unit/dataset/test-data.ts";
import { addSample, openTestHome, type TestHome } from "./home.ts";
import { runPython, venvPython } from "./python.ts";

interface LoadedRow extends Record<string, unknown> {
  readonly messages: readonly { readonly role: string; readonly train: boolean; readonly content: string; readonly refused?: boolean }[];
}
interface Loaded {
  readonly rows: readonly LoadedRow[];
  readonly features: string;
}
type AllLoaded = Record<"t1" | "t2", Record<"card" | "parquet" | "jsonl" | "guessed" | "streamed", Loaded | undefined>>;

const SAMPLES = 9;
const ODD = ["naïve 中 😀", "\u2028 \x85 \0 \x1b[0m", "<think>x</think>", "<|im_end|>\n<tool_response>", '{"a": 1.0}', "", "\\n", "\ud800"];

let home: TestHome;
let python: string;

beforeAll(async () => {
  python = venvPython();
  home = await openTestHome();
  const { platform } = home;
  await platform.store.createRun(testRun());
  for (let index = 0; index < SAMPLES; index++) {
    const odd = ODD[index % ODD.length]!;
    const isScored = index !== 0;
    const sample = testSample(index, isScored ? {} : { state: "rejected", reason: "second_no_change", score: null });
    await addSample(platform, sample, () => ({
      steps: [
        testStep(1, { content: odd, reasoning: index % 2 === 0 ? odd : null }, [odd, "second result"]),
        testStep(2, {}, [], "That was no call."),
        testStep(3, { content: "", toolCalls: [{ ...bash("x"), arguments: '{ "command" : "a\\u00e9/\\/<think>" }' }] }, [odd.repeat(3)]),
        ...(index === 1 ? [testStep(4, { content: "Done.", toolCalls: [] }, [])] : []),
      ],
    }));
  }
}, 600_000);

afterAll(() => home.close());

describe.each(DATASET_FORMATS)("format %s", (format) => {
  let loaded: AllLoaded;
  let folder: string;

  beforeAll(async () => {
    folder = join(home.folder, `out ${format}`);
    const sink = await openDatasetFolder(folder);
    // Shards of a few rows, so that several have to be put together.
    await exportRun(home.platform, RUN, { format, sink, shardCharacters: 9000, minKeptRatio: 0 });
    loaded = JSON.parse(runPython(python, "load_rows.py", [folder, join(home.folder, "cache")]));
  }, 300_000);

  test.each(["t1", "t2"] as const)("%s has the same rows from the card, Parquet, JSONL and as a stream", (name) => {
    const { card, parquet, jsonl, guessed, streamed } = loaded[name];
    expect(card!.rows).toHaveLength(name === "t1" ? SAMPLES : SAMPLES - 1);
    for (const other of [parquet, jsonl, streamed]) expect(other!.rows).toEqual(card!.rows);
    // Readers that guess types give columns without any value another type, but the same values.
    expect(guessed!.rows).toEqual(card!.rows);
    expect(streamed!.features).toBe(card!.features);
    expect(parquet!.features).toBe(card!.features);
  });

  test.each(["t1", "t2"] as const)("%s is what the JSON lines say, key for key", (name) => {
    const files = readdirSync(join(folder, name)).filter((file) => file.endsWith(".jsonl"));
    expect(files.length).toBeGreaterThan(1);
    const lines = files.toSorted().flatMap((file) =>
      readFileSync(join(folder, name, file), "utf8")
        .trimEnd()
        .split("\n"),
    );
    const rows = lines.map((line): Record<string, unknown> => JSON.parse(line));
    expect(loaded[name].card!.rows).toEqual(rows);
    for (const key of [
      "messages",
      "tools",
      "sample_id",
      "function",
      "path",
      "language",
      "kind",
      "seed",
      "recall",
      "exit_status",
      "tokens",
      "kept_ratio",
      "rehearsal",
    ]) {
      expect(Object.keys(rows[0]!)).toContain(key);
    }
  });

  test("trains on replies alone, and never on a refused one", () => {
    for (const row of loaded.t1.card!.rows) {
      const { messages } = row;
      const trained = messages.filter((message) => message.train);
      expect(trained.length).toBeGreaterThanOrEqual(2);
      for (const message of trained) expect(message).toMatchObject({ role: "assistant" });
      expect(trained.some((message) => message.refused)).toBe(false);
      const refusals = messages.filter((message) => message.content === "That was no call.");
      expect(refusals.length).toBe(format === "raw" ? 1 : 0);
    }
  });

  test("says of large seeds and shares exactly what was stored", () => {
    const row = loaded.t2.card!.rows[0]!;
    expect(row).toMatchObject({
      seed: 2 ** 53 - 2,
      recall: 0.1,
      recall_sera: null,
      pull_request: "Something is wrong with f1.",
      cost_usd: 0.001234,
    });
    expect(JSON.stringify(loaded)).not.toContain("/private/path");
  });
});

describe("few rows", () => {
  const sparse = (folder: string, none: string): Record<string, unknown> =>
    JSON.parse(runPython(python, "load_sparse.py", [folder, none, join(home.folder, "cache")]));

  test("a T2 without a row does not keep T1 from loading; its own file is a valid one without rows", async () => {
    const { platform } = home;
    await platform.store.createRun(testRun({ id: "run-2" }));
    const only = testSample(0, { id: "run-2-s000001", runId: "run-2", state: "rejected", reason: "low_recall" });
    await addSample(platform, only);
    const folder = join(home.folder, "half");
    const report = await exportRun(platform, "run-2", { format: "openai", sink: await openDatasetFolder(folder) });
    expect([report.t1.rows, report.t2.rows]).toEqual([1, 0]);
    expect(sparse(folder, folder)).toMatchObject({ configs: ["t1"], t1: 1, emptyRows: 0 });
    expect(sparse(folder, folder)["emptyColumns"]).toEqual(expect.arrayContaining(["messages", "tools", "recall"]));
  }, 120_000);
});
