import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleRepository, jsonLines, scratch, serac, startSerac } from "./serac.ts";

const PATCH = (added: string): string => `diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+${added}\n`;

describe("survey", () => {
  it("lists functions, then what was skipped", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const { code, stdout, stderr } = await serac(["survey", repo, "--json"], { cwd: folder.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = jsonLines(stdout);
    const summary = lines.at(-1);
    const names = lines.slice(0, -1).map(({ id }) => id);
    expect(names).toContain("parcels/tracking.py::Shipment.is_late");
    expect(names).toContain("board/src/board.ts::Board.busiestDepot");
    expect(lines[0]).toMatchObject({
      id: expect.any(String),
      path: expect.any(String),
      name: expect.any(String),
      language: expect.any(String),
      startLine: expect.any(Number),
      endLine: expect.any(Number),
      lines: expect.any(Number),
    });
    expect(summary).toMatchObject({ functions: names.length, files: 10 });
    expect(summary?.["skipped"]).toContainEqual({ path: "tests/test_money.py", reason: "test" });
    expect(await readdir(folder.path)).toEqual(["parcels"]);
  });

  it("narrows by folder and language, and takes tests when asked", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const survey = async (...flags: string[]): Promise<unknown[]> => {
      const { stdout } = await serac(["survey", repo, "--json", ...flags], { cwd: folder.path });
      return jsonLines(stdout)
        .slice(0, -1)
        .map(({ path }) => path);
    };
    expect(new Set(await survey("--language", "typescript"))).toEqual(
      new Set(["board/src/board.ts", "board/src/format.ts", "board/src/shipments.ts"]),
    );
    expect(new Set(await survey("--include", "parcels/money.py"))).toEqual(new Set(["parcels/money.py"]));
    expect(await survey("--tests")).toContain("tests/test_money.py");
  });

  it("stops quietly when nobody reads any longer", async () => {
    await using folder = await scratch();
    const many = Array.from({ length: 20_000 }, (_, index) => `def function_with_a_rather_long_name_${index}():\n    return ${index}\n`);
    await writeFile(join(folder.path, "many.py"), many.join("\n"));
    const running = startSerac(["survey", "."], { cwd: folder.path });
    await running.line(() => true);
    running.child.stdout?.destroy();
    const { code, stderr } = await running.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("score", () => {
  it("reads files and standard input", async () => {
    await using folder = await scratch();
    await writeFile(join(folder.path, "a.patch"), PATCH("b = 3"));
    await writeFile(join(folder.path, "b.patch"), PATCH("b = 4"));
    const cwd = folder.path;
    const files = await serac(["score", "--target", "a.patch", "--candidate", "b.patch", "--json"], { cwd });
    expect(JSON.parse(files.stdout)).toEqual({ recall: 0.5, precision: 0.5, matched: 1, target: 2, candidate: 2 });
    const piped = await serac(["score", "--target", "a.patch", "--candidate", "-", "--json"], { cwd, input: PATCH("b = 3") });
    expect(JSON.parse(piped.stdout)).toMatchObject({ recall: 1 });
    const empty = await serac(["score", "--target", "-", "--candidate", "a.patch", "--json"], { cwd, input: "" });
    expect(JSON.parse(empty.stdout)).toMatchObject({ recall: null, target: 0 });
  });
});

describe("estimate", () => {
  it("says samples, tokens, cost and hours by stage, and where figures come from", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const flags = ["--samples", "40", "--teacher", "http://127.0.0.1:9/v1", "--model", "m", "--set", "teacher.price.output=1"];
    const { code, stdout } = await serac(["estimate", repo, "--json", ...flags], { cwd: folder.path });
    expect(code).toBe(0);
    const estimate = JSON.parse(stdout);
    expect(estimate).toMatchObject({ samples: { planned: 40, requested: 40 } });
    expect(estimate.stages.map(({ stage }: { stage: string }) => stage)).toEqual(["first", "judge", "describe", "second"]);
    expect(estimate.total.usd.likely).toBeGreaterThan(0);
    const text = await serac(["estimate", repo, ...flags], { cwd: folder.path });
    expect(text.stdout).toMatch(/stage .*calls .*usd .*time/);
    expect(text.stdout).toContain("arXiv 2601.20789");
    expect(await readdir(folder.path)).toEqual(["parcels"]);
  });

  it("takes a config as well", async () => {
    await using folder = await scratch();
    await exampleRepository(folder.path);
    await writeFile(join(folder.path, "serac.yaml"), "repo: { source: parcels }\nplan: { samples: 1000000 }\n");
    const { stdout } = await serac(["estimate", "serac.yaml", "--json"], { cwd: folder.path });
    const { samples, functions } = JSON.parse(stdout);
    expect(samples).toEqual({ planned: functions, requested: 1_000_000 });
  });
});

describe("a run from its start to its dataset", () => {
  it("prints events as JSON lines, and everything else can be asked afterwards", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    const run = await serac(["run", repo, "--rehearse", "--samples", "6", "--seed", "3", "--sandbox", "virtual-bash", "--json"], { cwd });
    expect(run.code, run.stderr).toBe(0);
    const events = jsonLines(run.stdout);
    expect(events[0]).toMatchObject({ event: "started", rehearsal: true, sandbox: "virtual-bash" });
    expect(events.at(-1)).toMatchObject({ event: "finished", done: 6, planned: 6, state: "finished" });
    const finished = events.at(-1)!;
    const runId = String(finished["runId"]);
    expect(finished["dataset"]).toBe(join(cwd, ".serac/datasets", runId));
    expect(await readdir(join(cwd, ".serac/datasets", runId))).toEqual(["README.md", "dataset.json", "recipes", "t1", "t2"]);

    const status = await serac(["status", runId.slice(0, -2), "--json"], { cwd });
    expect(JSON.parse(status.stdout)).toMatchObject({ runId, state: "finished", active: false, accepted: finished["accepted"] });
    expect((await serac(["status"], { cwd })).stdout).toContain(runId);

    const show = await serac(["show", "latest-s1"], { cwd });
    expect(show.stdout).toMatch(
      new RegExp(`^${runId}-s000001\\n.*== first rollout.*\\[step 1\\].*patch of the first rollout.*== score`, "s"),
    );
    const shown = JSON.parse((await serac(["show", "latest-s1", "--json"], { cwd })).stdout);
    expect(shown).toMatchObject({ sample: { id: `${runId}-s000001` }, rollouts: [{ which: "first" }, { which: "second" }] });

    const exported = await serac(
      ["export", "latest", "--format", "openai", "--out", "out", "--file", "jsonl", "--max-samples", "2", "--json"],
      { cwd },
    );
    expect(JSON.parse(exported.stdout)).toMatchObject({ runId, format: "openai", rehearsal: true, t1: { rows: 2 } });
    const rows = jsonLines(await readFile(join(cwd, "out/t1/train-00000.jsonl"), "utf8"));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ messages: expect.any(Array), tools: expect.anything() });
    expect(existsSync(join(cwd, "out/t1/train-00000.parquet"))).toBe(false);

    const log = jsonLines(await readFile(join(cwd, ".serac/logs", `${runId}.log`), "utf8"));
    expect(log.at(-1)).toMatchObject({ event: "stage", stage: "export" });
  });

  it("tells a person where it is, what came of it, and what to do next", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const run = await serac(["run", repo, "--rehearse", "--samples", "6", "--seed", "3", "--sandbox", "virtual-bash"], {
      cwd: folder.path,
    });
    expect(run.code, run.stderr).toBe(0);
    for (const part of ["repository  ", "sandbox     virtual-bash", "rehearsal", "[0 s] survey", "export"])
      expect(run.stderr).toContain(part);
    for (const part of ["6 of 6 done", "recall", "cost ", "Dataset: .serac/datasets/", "Next:\n"]) expect(run.stdout).toContain(part);
    const next = /export (\S+) --format openai --out dataset/.exec(run.stdout);
    expect(next).not.toBeNull();
    const exported = await serac(["export", next![1]!, "--format", "openai", "--out", "dataset"], { cwd: folder.path });
    expect(exported.code, exported.stderr).toBe(0);
  });

  it("leaves a folder a format where several are wanted", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const flags = ["--rehearse", "--samples", "2", "--sandbox", "virtual-bash", "--format", "hermes", "--format", "raw", "--json"];
    const run = await serac(["run", repo, ...flags], { cwd: folder.path });
    const dataset = String(jsonLines(run.stdout).at(-1)?.["dataset"]);
    expect(await readdir(dataset)).toEqual(["hermes", "raw"]);
  });

  it("is cancelled from another terminal, and cannot be resumed then", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    await writeFile(
      join(cwd, "serac.yaml"),
      "plan: { samples: 50 }\nteacher: { baseUrl: http://127.0.0.1:0/v1, model: rehearsal, concurrency: 1 }\n",
    );
    const running = startSerac(["run", repo, "--rehearse", "--sandbox", "virtual-bash", "--json"], { cwd });
    const runId = String(JSON.parse(await running.line((line) => line.includes('"started"'))).runId);
    await running.line((line) => line.includes('"step"'));
    expect(JSON.parse((await serac(["status", runId, "--json"], { cwd })).stdout)).toMatchObject({ active: true });
    const second = await serac(["resume", runId], { cwd });
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/Another process is working on run .*\[home_in_use\]/);
    expect((await serac(["cancel", "latest"], { cwd })).code).toBe(0);
    expect((await running.finished).code).toBe(1);
    const resumed = await serac(["resume", runId], { cwd });
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toContain("was cancelled");
    expect(JSON.parse((await serac(["status", "--json"], { cwd })).stdout)).toMatchObject([{ runId, state: "cancelled", active: false }]);
  });
});
