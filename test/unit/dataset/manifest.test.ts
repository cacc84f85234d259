import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../core/errors/index.ts";
import { datasetManifestJson, readDatasetManifest, type DatasetManifest } from "../../../core/dataset/manifest.ts";

const PART = { rows: 2, tokens: 300, trainedTokens: 100, textsSha256: "0".repeat(64) };
const MANIFEST: DatasetManifest = {
  schema: "serac.dataset/1",
  runId: "run-1",
  repository: "shop",
  commit: null,
  format: "openai",
  toolsets: ["swe-agent"],
  rehearsal: false,
  templateSha256: "f".repeat(64),
  tokenizer: "Qwen3",
  contextTokens: 32_768,
  seracVersion: null,
  textsSha256: "1".repeat(64),
  t1: PART,
  t2: PART,
};

const read = (document: unknown): DatasetManifest => readDatasetManifest(Buffer.from(JSON.stringify(document)), "data/dataset.json");

/** The schema of what was read, or the error's code and message. */
function codeOf(content: Uint8Array): string {
  try {
    return readDatasetManifest(content, "here").schema;
  } catch (error) {
    return error instanceof InputError ? `${error.code} ${error.message}` : String(error);
  }
}

describe("dataset.json", () => {
  test("reads back as it was written", () => {
    expect(readDatasetManifest(Buffer.from(datasetManifestJson(MANIFEST)), "x")).toEqual(MANIFEST);
  });

  test.each([
    ["another version", { ...MANIFEST, schema: "serac.dataset/2" }, "schema"],
    ["a count below zero", { ...MANIFEST, t2: { ...PART, rows: -1 } }, "t2.rows"],
    ["a hash that is none", { ...MANIFEST, t1: { ...PART, textsSha256: "F".repeat(64) } }, "t1.textsSha256"],
    ["a format that nobody knows", { ...MANIFEST, format: "sharegpt" }, "format"],
    ["a field of somebody else", { ...MANIFEST, license: "mit" }, "license"],
    ["no object", [], "the document"],
  ])("refuses %s, and says where", (_, document, place) => {
    expect(() => read(document)).toThrow(
      expect.objectContaining({
        name: "InputError",
        code: "dataset_invalid",
        message: expect.stringMatching(`^data/dataset.json .*${place}`) as unknown,
        hint: expect.stringContaining("serac export") as unknown,
      }),
    );
  });

  test("property: whatever the bytes are, the answer is a manifest or an error that names the file", () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .tuple(fc.constantFrom(...Object.keys(MANIFEST)), fc.jsonValue())
        .map(([key, value]) => Buffer.from(JSON.stringify({ ...MANIFEST, [key]: value }))),
    );
    fc.assert(
      fc.property(bytes, (content) => {
        expect(codeOf(content)).toMatch(/^(?:serac.dataset\/1|dataset_invalid here )/);
      }),
    );
  });
});
