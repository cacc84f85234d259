import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Trajectory } from "../../../core/agent/trajectory.ts";
import {
  countSample,
  exportRun,
  readDatasetManifest,
  type DatasetManifest,
  type ExportOptions,
  type ExportReport,
  type Tokenizer,
} from "../../../core/dataset/index.ts";
import type { TextMessage } from "../../../core/dataset/formats/text-message.ts";
import { patchHash } from "../../../core/svg/patch/index.ts";
import type { SampleRecord } from "../../../core/svg/sample.ts";
import { openDatasetFolder } from "../../../drivers/dataset-folder/index.ts";
import { RUN, testPatch, testRun, testSample, testStep } from "../../unit/dataset/test-data.ts";
import { addSample, openTestHome, type TestHome } from "./home.ts";

let home: TestHome;
let out: string;

beforeEach(async () => {
  home = await openTestHome();
  out = join(home.folder, "out");
  await home.platform.store.createRun(testRun());
});
afterEach(() => home.close());

async function write(options: Partial<ExportOptions> = {}): Promise<ExportReport> {
  return exportRun(home.platform, RUN, { format: "hermes", sink: await openDatasetFolder(out), ...options });
}

const add = (index: number, change: Partial<SampleRecord> = {}, make?: (dataset: "t1" | "t2") => Partial<Trajectory>): Promise<void> =>
  addSample(home.platform, testSample(index, change), make);

function rows(name: "t1" | "t2"): readonly Record<string, unknown>[] {
  const files = readdirSync(join(out, name)).filter((file) => file.endsWith(".jsonl"));
  return files
    .toSorted()
    .flatMap((file) =>
      readFileSync(join(out, name, file), "utf8")
        .split("\n")
        .filter(Boolean),
    )
    .map((line): Record<string, unknown> => JSON.parse(line));
}
const indices = (name: "t1" | "t2"): readonly number[] => rows(name).map((row) => Number(String(row["sample_id"]).slice(-6)) - 1);
const manifest = (): DatasetManifest => readDatasetManifest(readFileSync(join(out, "dataset.json")), "dataset.json");
const card = (): string => readFileSync(join(out, "README.md"), "utf8");

/** Exact enough to be told apart from Qwen3's, and easy to reckon with. */
const characters: Tokenizer = {
  name: "characters",
  count: (text) => text.length,
  encode: (text) => Uint32Array.from(text, (char) => char.codePointAt(0)!),
};

describe("which rollouts", () => {
  test("T1 takes judged first rollouts of final samples, T2 second ones of accepted samples", async () => {
    await add(0);
    await add(1, { state: "rejected", reason: "low_recall" });
    await add(2, { state: "rejected", reason: "leak", secondRolloutId: null, score: null });
    await add(3, { state: "rejected", reason: "duplicate" });
    await add(4, { state: "rejected", reason: "nothing_to_verify", firstAccepted: true });
    await add(5, { state: "rejected", reason: "judged_bad", firstAccepted: false });
    await add(6, { state: "second" });
    await add(7, { state: "failed", reason: "environment", score: null });
    const report = await write();
    expect(indices("t1")).toEqual([0, 1, 7]);
    expect(indices("t2")).toEqual([0]);
    expect(report.t1.considered).toBe(3);
    expect(rows("t1")[0]).toMatchObject({ rollout_id: "run-1-s000001-first1", pull_request: null });
    expect(rows("t2")[0]).toMatchObject({ rollout_id: "run-1-s000001-second" });
  });

  test("of equal first patches T1 keeps the owner's, else the earliest", async () => {
    const same = (): Partial<Trajectory> => ({ patch: testPatch(1) });
    await add(0, { state: "rejected", reason: "low_recall" }, same);
    await add(1, {}, same);
    await add(2, { state: "rejected", reason: "low_recall" }, () => ({ patch: testPatch(2) }));
    await add(3, { state: "rejected", reason: "low_recall" }, () => ({ patch: testPatch(2).replace("@@ -1,", "@@ -7,") }));
    await home.platform.store.claimPatch(RUN, patchHash(testPatch(1)), testSample(1).id);
    const report = await write();
    expect(indices("t1")).toEqual([1, 2]);
    expect(report.t1.drops.duplicate).toBe(2);
  });

  test("damaged and missing trajectories are left out and counted", async () => {
    await add(0);
    await add(1);
    await home.platform.artifacts.put(`runs/${RUN}/rollouts/${testSample(0).secondRolloutId}/trajectory.json.zst`, Buffer.from("no"));
    await home.platform.artifacts.remove(`runs/${RUN}/rollouts/${testSample(1).secondRolloutId}/trajectory.json.zst`);
    const report = await write();
    expect(report.t2).toMatchObject({ considered: 2, rows: 0, drops: { unreadable: 2 } });
    expect(report.t1.rows).toBe(2);
  });

  test("an unknown run is an error, and nothing is written", async () => {
    await expect(exportRun(home.platform, "nope", { format: "raw", sink: await openDatasetFolder(out) })).rejects.toMatchObject({
      code: "run_unknown",
    });
    expect(readdirSync(home.folder)).toEqual(["home"]);
  });
});

describe("filters and selection", () => {
  test("count what each filter dropped, in the report and in the card", async () => {
    await add(0);
    await add(1, {}, () => ({ patch: testPatch(1, 41) }));
    await add(2, {}, () => ({ steps: [testStep(1, {}, ["word ".repeat(700)]), testStep(2)] }));
    await add(3, {}, () => ({ exitStatus: "submitted (exit_context)" }));
    await add(4, {}, () => ({ steps: Array.from({ length: 80 }, (_, n) => testStep(n, {}, ["word ".repeat(500)])) }));
    await add(5, {}, () => ({ steps: [testStep(1, { toolCalls: [{ id: "a", name: "bash", arguments: "no json" }] }, ["x"])] }));
    const { t2 } = await write();
    expect(t2.drops).toMatchObject({ patch_lines: 1, observation_tokens: 1, not_submitted: 1, kept_ratio: 1, unwritable: 1 });
    expect(t2).toMatchObject({ considered: 6, rows: 1 });
    expect(card()).toContain("| Left out: more than 40 added and deleted lines | 1 | 1 |");
    const all = await write({ includeUnsubmitted: true, maxPatchLines: 50, meanObservationTokens: 800, minKeptRatio: 0 });
    expect(all.t2).toMatchObject({ rows: 5, truncated: 1 });
  });

  test("a cut trajectory is a prefix of the whole one, ends with a reply and fits", async () => {
    await add(0, {}, () => ({ steps: Array.from({ length: 20 }, (_, n) => testStep(n, {}, ["word ".repeat(50)])) }));
    await write();
    const [whole] = rows("t2");
    const limit = Math.floor(Number(whole!["tokens"]) * 0.6);
    await write({ contextTokens: limit, minKeptRatio: 0 });
    const [cut] = rows("t2");
    expect(Number(cut!["tokens"])).toBeLessThanOrEqual(limit);
    expect(cut).toMatchObject({ truncated: true, total_tokens: whole!["tokens"] });
    const [cutText, wholeText] = [cut, whole].map((row) => JSON.stringify(row!["messages"]).slice(0, -1));
    expect(wholeText!.startsWith(cutText!)).toBe(true);
    expect(cut!["messages"]).toMatchObject(expect.objectContaining({ length: Math.round(Number(cut!["kept_ratio"]) * 41) }));
    expect(Array.isArray(cut!["messages"]) && cut!["messages"].at(-1)).toMatchObject({ role: "assistant", train: true });
  });

  test("takes at most so many, by ratio, and says how many were passed over", async () => {
    for (let index = 0; index < 6; index++) {
      await add(index, {}, () => ({
        steps: Array.from({ length: index % 2 === 0 ? 2 : 30 }, (_, n) => testStep(n, {}, ["word ".repeat(40)])),
      }));
    }
    const report = await write({ maxSamples: 3, contextTokens: 1500, minKeptRatio: 0 });
    expect(indices("t2")).toEqual([0, 2, 4]);
    expect(report.t2.drops.not_selected).toBe(3);
    await write({ maxSamples: 2, select: "random", seed: 3, minKeptRatio: 0 });
    const drawn = indices("t2");
    await write({ maxSamples: 2, select: "random", seed: 3, minKeptRatio: 0 });
    expect(indices("t2")).toEqual(drawn);
    await write({ maxSamples: 5, select: "balanced", minKeptRatio: 0 });
    expect(new Set(rows("t2").map((row) => row["function"])).size).toBe(5);
  });

  test("options that are left out come from the run's config", async () => {
    const run = testRun({ id: "other" }, { maxPatchLines: 1, maxSamples: 1 });
    await home.platform.store.createRun(run);
    await addSample(home.platform, testSample(0, { id: "other-s000001", runId: "other" }));
    const report = await exportRun(home.platform, "other", { format: "hermes", sink: await openDatasetFolder(out) });
    expect(report.t2.drops.patch_lines).toBe(1);
  });
});

describe("counts", () => {
  test("are those of the rendered text, whole and in parts", async () => {
    await add(0);
    await write({ tokenizer: characters });
    const [row] = rows("t2");
    const messages = JSON.parse(JSON.stringify(row!["messages"])) as unknown;
    const frames = (Array.isArray(messages) ? messages : []).map((message: { role: string; content: string; train: boolean }) => ({
      ...message,
      text: `<|im_start|>${message.role}\n${message.content}<|im_end|>\n`,
    }));
    const total = (of: typeof frames): number => of.reduce((sum, frame) => sum + frame.text.length, 0);
    expect(row).toMatchObject({
      tokens: total(frames),
      total_tokens: total(frames),
      trained_tokens: total(frames.filter((frame) => frame.train)),
    });
  });

  test("are taken from what was stored when the rollout ended, unless another vocabulary counted it", async () => {
    await add(0);
    let counted = 0;
    const counting: Tokenizer = { ...characters, count: (text) => ((counted += 1), text.length) };
    await countSample(home.platform, testSample(0), ["hermes", "openai"], counting);
    const before = counted;
    expect(before).toBeGreaterThan(0);
    await write({ tokenizer: counting });
    expect(counted).toBe(before);
    const [stored] = rows("t2");
    await write({ tokenizer: { ...counting, name: "another" } });
    expect(counted).toBe(before * 2);
    expect(rows("t2")[0]).toEqual(stored);
    await write({ format: "xml", tokenizer: counting });
    expect(counted).toBeGreaterThan(before * 2);
  });

  test("damaged stored facts are counted anew", async () => {
    await add(0);
    await write();
    const good = rows("t2");
    await home.platform.artifacts.put(`runs/${RUN}/rollouts/${testSample(0).secondRolloutId}/facts-hermes.json`, Buffer.from("{}"));
    await write();
    expect(rows("t2")).toEqual(good);
  });
});

describe("what a trainer can check", () => {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const framed = (row: Record<string, unknown>): string =>
    (row["messages"] as readonly TextMessage[]).map((message) => `<|im_start|>${message.role}\n${message.content}<|im_end|>\n`).join("");

  test.each(["hermes", "xml"] as const)("%s: every row has the hash of its own text, whole and cut", async (format) => {
    await add(0, {}, () => ({ steps: Array.from({ length: 20 }, (_, n) => testStep(n, {}, ["word </think> ".repeat(50)])) }));
    await write({ format, minKeptRatio: 0 });
    const [whole] = rows("t2");
    expect(whole!["text_sha256"]).toBe(sha256(framed(whole!)));
    await write({ format, minKeptRatio: 0, contextTokens: Math.floor(Number(whole!["tokens"]) * 0.6) });
    const [cut] = rows("t2");
    expect(cut!["truncated"]).toBe(true);
    expect(cut!["text_sha256"]).toBe(sha256(framed(cut!)));
    expect(cut!["text_sha256"]).not.toBe(whole!["text_sha256"]);
  });

  test("structured rows have the hash of the Hermes text, and dataset.json that of all of them", async () => {
    await add(0);
    await add(1);
    await add(2, {}, () => ({ steps: [testStep(1, { toolCalls: [{ id: "a", name: "bash", arguments: '{"command": 1e999}' }] }, ["x"])] }));
    await write({ format: "hermes" });
    const hashes = rows("t2").map((row) => String(row["text_sha256"]));
    const report = await write({ format: "openai", version: "0.1.0" });
    expect(rows("t2").map((row) => row["text_sha256"])).toEqual(hashes);
    expect(report.t2).toMatchObject({ rows: 2, drops: { unwritable: 1 } });
    expect(manifest()).toEqual({
      schema: "serac.dataset/1",
      runId: RUN,
      repository: "shop",
      commit: "a".repeat(40),
      format: "openai",
      toolsets: ["mini"],
      rehearsal: false,
      templateSha256: sha256(readFileSync(new URL("../../../batch-images/vllm/serve.jinja", import.meta.url), "utf8")),
      tokenizer: "qwen3",
      contextTokens: 32_768,
      seracVersion: "0.1.0",
      textsSha256: sha256([...rows("t1"), ...rows("t2")].map((row) => `${String(row["text_sha256"])}\n`).join("")),
      t1: {
        rows: 2,
        tokens: report.t1.tokens.total,
        trainedTokens: report.t1.trainedTokens,
        textsSha256: sha256(
          rows("t1")
            .map((row) => `${String(row["text_sha256"])}\n`)
            .join(""),
        ),
      },
      t2: {
        rows: 2,
        tokens: report.t2.tokens.total,
        trainedTokens: report.t2.trainedTokens,
        textsSha256: sha256(hashes.map((hash) => `${hash}\n`).join("")),
      },
    });
  });

  test("a dataset that has no row, or was rehearsed, says so", async () => {
    await home.platform.store.createRun(testRun({ id: "empty", rehearsal: true }));
    await exportRun(home.platform, "empty", { format: "xml", sink: await openDatasetFolder(out) });
    expect(manifest()).toMatchObject({ toolsets: [], rehearsal: true, templateSha256: null, t1: { rows: 0, textsSha256: sha256("") } });
  });
});

describe("where it goes", () => {
  test("is the layout of the contract, and the same bytes each time", async () => {
    await add(0);
    const report = await write({ version: "0.1.0" });
    expect(report.location).toBe(out);
    expect(readdirSync(out, { recursive: true, encoding: "utf8" }).toSorted()).toEqual([
      "README.md",
      "dataset.json",
      "recipes",
      "recipes/axolotl.yaml",
      "recipes/dataset_info.json",
      "recipes/llama-factory.yaml",
      "recipes/trl.jinja",
      "recipes/trl.yaml",
      "t1",
      "t1/train-00000.jsonl",
      "t1/train-00000.parquet",
      "t2",
      "t2/train-00000.jsonl",
      "t2/train-00000.parquet",
    ]);
    const bytes = (): readonly string[] =>
      ["README.md", "dataset.json", "t1/train-00000.jsonl", "t1/train-00000.parquet"].map((file) =>
        readFileSync(join(out, file)).toString("base64"),
      );
    const first = bytes();
    await write({ version: "0.1.0" });
    expect(bytes()).toEqual(first);
    await write({ kinds: ["jsonl"] });
    expect(existsSync(join(out, "t1/train-00000.parquet"))).toBe(false);
    expect(card()).toContain("t1/*.jsonl");
  });

  test("replaces an earlier export, and nothing else", async () => {
    await add(0);
    await write();
    writeFileSync(join(out, "notes.txt"), "mine");
    await expect(write()).rejects.toMatchObject({ code: "output_exists", message: expect.stringContaining("notes.txt") as unknown });
    expect(readFileSync(join(out, "notes.txt"), "utf8")).toBe("mine");
    for (const [path, content] of [
      ["README.md", "# My project"],
      ["t1/train-00000.jsonl", "{}"],
    ] as const) {
      const foreign = join(home.folder, `foreign ${path.length}`);
      mkdirSync(join(foreign, "t1"), { recursive: true });
      writeFileSync(join(foreign, path), content);
      await expect(openDatasetFolder(foreign)).rejects.toMatchObject({ code: "output_exists" });
    }
    writeFileSync(join(home.folder, "file"), "");
    await expect(openDatasetFolder(join(home.folder, "file"))).rejects.toMatchObject({ code: "output_exists" });
  });

  test("leaves the old export as it was when it is broken off, and no temporary folder", async () => {
    for (let index = 0; index < 3; index++) await add(index);
    await write();
    const before = readdirSync(out, { recursive: true, encoding: "utf8" });
    const old = card();
    const sink = await openDatasetFolder(out);
    const broken = {
      ...sink,
      create: (path: string) => (path.startsWith("t2") ? Promise.reject(new Error("broken off")) : sink.create(path)),
    };
    await expect(exportRun(home.platform, RUN, { format: "raw", sink: broken })).rejects.toThrow("broken off");
    const aborted = AbortSignal.abort(new Error("stop"));
    await expect(exportRun(home.platform, RUN, { format: "raw", sink: await openDatasetFolder(out) }, { signal: aborted })).rejects.toThrow(
      "stop",
    );
    expect(readdirSync(out, { recursive: true, encoding: "utf8" })).toEqual(before);
    expect(card()).toBe(old);
    expect(readdirSync(home.folder).toSorted()).toEqual(["home", "out"]);
  });

  test("clears what a killed export left beside it", async () => {
    mkdirSync(join(home.folder, ".out.new-999999999", "t1"), { recursive: true });
    await add(0);
    await write();
    expect(readdirSync(home.folder).toSorted()).toEqual(["home", "out"]);
  });
});

describe("the card", () => {
  test("tells where the data comes from, how it fared and what was left out", async () => {
    await add(0);
    await add(1);
    await add(2, { state: "rejected", reason: "low_recall" });
    await write({ version: "9.9.9" });
    const text = card();
    const header: Record<string, unknown> = parse(text.split("---\n")[1]!);
    expect(header).toMatchObject({
      configs: [{ config_name: "t1" }, { config_name: "t2", default: true }],
      tags: expect.arrayContaining(["serac"]) as unknown,
    });
    for (const said of [
      "`some/teacher`",
      "`teacher-as-reported`",
      "input 0.5, cached input 0.5, output 2",
      "a".repeat(40),
      "| Seed of the plan | 7 |",
      "at least 0.5",
      "serac 9.9.9",
      "2 of 3 finished samples were accepted (66.7 %)",
      "| `python` | 2 | 1 | 50.0 % |",
      "| `naming` | 2 | 1 | 50.0 % |",
      "| 0.0 to 0.1 | 1 | 1 |",
      "Licence",
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toMatch(/\(rehearsal\)|DO NOT TRAIN|not-for-training|\/private/);
  });

  test("says loudly that rehearsal data is not for training", async () => {
    await add(0, {}, () => ({ rehearsal: true }));
    const report = await write();
    expect(report.rehearsal).toBe(true);
    expect(card()).toContain("REHEARSAL DATA. DO NOT TRAIN");
    expect(card()).toContain("not-for-training");
    expect(rows("t1")[0]).toMatchObject({ rehearsal: true });
  });

  test("is not broken by hostile names", async () => {
    const nasty = "x | y\n# <script>`---`";
    const language = "<img src=x>|`\n\n# H";
    await add(0, { function: { ...testSample(0).function, language }, kinds: [nasty] }, () => ({
      steps: [{ ...testStep(1), model: nasty }],
    }));
    await write();
    expect(card()).not.toMatch(/<script>|<img|^# H/m);
    expect(card().match(/^# /gm)).toHaveLength(1);
    expect(() => parse(card().split("---\n")[1]!)).not.toThrow();
  });
});
