import { expect, test } from "vitest";
import { configSchema, type TrainConfig } from "../../../core/config/schema.ts";
import { SERVE_TEMPLATE_SHA256, type DatasetManifest } from "../../../core/dataset/index.ts";
import { checkTrainingData } from "../../../core/training/check-data.ts";

const part = (rows: number): DatasetManifest["t1"] => ({ rows, tokens: rows * 100, trainedTokens: rows, textsSha256: "0".repeat(64) });
const manifest = (change: Partial<DatasetManifest> = {}): DatasetManifest => ({
  schema: "serac.dataset/1",
  runId: "run1",
  repository: "example",
  commit: null,
  format: "openai",
  toolsets: ["swe-agent"],
  rehearsal: false,
  templateSha256: SERVE_TEMPLATE_SHA256,
  tokenizer: "Qwen3",
  contextTokens: 32_768,
  seracVersion: null,
  textsSha256: "0".repeat(64),
  t1: part(500),
  t2: part(300),
  ...change,
});
const check = (change: Partial<DatasetManifest>, train: Partial<TrainConfig> = {}): readonly string[] =>
  checkTrainingData(manifest(change), { ...configSchema.parse({ train: {} }).train!, ...train }, "the dataset");

test("a dataset as it should be has nothing to be told of", () => {
  expect(check({})).toEqual([]);
});

test.each<[Partial<DatasetManifest>, Partial<TrainConfig>, string]>([
  [{ format: "hermes" }, {}, "format hermes"],
  [{ toolsets: ["mini", "swe-agent"] }, {}, "mixes the toolsets mini and swe-agent"],
  [{ rehearsal: true }, {}, "rehearsal teacher"],
  [{ templateSha256: "1".repeat(64) }, {}, "another chat template"],
  [{ templateSha256: null }, {}, "another chat template"],
  [{ t1: part(0), t2: part(0) }, {}, "no row in t1 and t2"],
  [{ t2: part(0) }, { datasets: ["t2"] }, "no row in t2"],
  [{ t1: part(3), t2: part(4) }, {}, "7 rows in t1 and t2: at least 8"],
])("%j with %j is refused: %s", (change, train, said) => {
  expect(() => check(change, train)).toThrow(
    expect.objectContaining({ code: "training_unfit", message: expect.stringContaining(said), hint: expect.any(String) }),
  );
});

test("few rows, none held out, and rows that are cut again are told of", () => {
  expect(check({ t1: part(10), t2: part(5) }, { heldOut: 0.02, contextTokens: 8192 })).toEqual([
    expect.stringContaining("15 rows are few"),
    expect.stringContaining("None of 15 rows may be held out"),
    expect.stringContaining("8192"),
  ]);
  expect(check({ t1: part(1), t2: part(0), rehearsal: true }, { allowRehearsal: true, heldOut: 0 })).toHaveLength(1);
});
