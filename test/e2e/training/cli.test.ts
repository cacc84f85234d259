import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { pythonOfStandIn } from "../../contract/trainer/programs.ts";
import { tinyBase } from "../../images/tiny-base.ts";
import { trainerPython } from "../../images/python.ts";
import { exampleRepository, jsonLines, scratch, serac, startSerac, type Finished } from "../serac.ts";

/** Without what a machine may have installed: tests say what trains. */
const bare = (cwd: string): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: join(cwd, "cache"),
  SERAC_TRAINER_PYTHON: "",
  SERAC_TRAINER_IMAGE: "",
});

async function rehearsed(cwd: string, samples = 2, ...flags: readonly string[]): Promise<Finished> {
  const repo = await exampleRepository(cwd);
  return serac(["run", repo, "--rehearse", "--samples", String(samples), "--toolset", "mini", ...flags], { cwd, env: bare(cwd) });
}

describe("a model by one command", () => {
  let python: string;
  let base: string;
  beforeAll(async () => {
    python = await trainerPython();
    base = await tinyBase();
  }, 600_000);

  it("trains on a rehearsal, is killed, is stopped, goes on, and is listed, shown and deleted", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const options = { cwd, env: { ...bare(cwd), SERAC_TRAINER_PYTHON: python, OMP_NUM_THREADS: "1" } };
    expect((await rehearsed(cwd, 6)).code).toBe(0);

    const sets = ["batchSize=4", "contextTokens=2048", "saveSteps=1", "heldOut=0.2", "epochs=3"].flatMap((set) => [
      "--set",
      `train.${set}`,
    ]);
    const first = startSerac(["train", "latest", "--base", base, "--allow-rehearsal", "--json", ...sets], options);
    const started = jsonLines(await first.line((line) => line.includes('"started"')))[0]!;
    const modelId = String(started["modelId"]);
    expect(started).toMatchObject({ event: "started", base, method: "lora", data: { rehearsal: true, toolset: "mini" } });
    await first.line((line) => line.includes('"checkpoint"'));
    first.child.kill("SIGKILL");
    await first.finished;
    expect((await serac(["models"], options)).stdout).toContain(`${modelId}  interrupted`);

    const second = startSerac(["train", "--resume", "latest", "--json"], options);
    await second.line((line) => line.includes('"step"'));
    second.child.kill("SIGINT");
    const stopped = await second.finished;
    expect(stopped.code).toBe(3);
    const resumed = jsonLines(stopped.stdout);
    expect(resumed.find(({ event }) => event === "resumed")).toMatchObject({ step: expect.any(Number) });
    expect(resumed.at(-1)).toMatchObject({ event: "paused", modelId });
    expect(stopped.stderr).toContain(`train --resume ${modelId}`);

    const third = await serac(["train", "--resume", modelId.slice(0, -2)], options);
    expect(third.code).toBe(0);
    const weights = join(cwd, ".serac/artifacts/models", modelId, "model");
    expect(third.stderr).toMatch(/Going on from step \d+/);
    expect(third.stdout).toMatch(/loss {8}\d\.\d{4} -> \d\.\d{4}; on what was held out \d\.\d{4} -> \d\.\d{4}/);
    expect(third.stdout).toContain(`--lora-modules parcels=${weights}`);
    expect(third.stdout).toContain("connect --upstream");
    expect(await readdir(weights)).toEqual(expect.arrayContaining(["MANIFEST.json", "adapter_model.safetensors", "chat_template.jinja"]));
    expect(existsSync(join(cwd, ".serac/scratch", modelId))).toBe(false);

    const shown = JSON.parse((await serac(["models", "show", "latest", "--json"], options)).stdout);
    expect(shown).toMatchObject({ id: modelId, state: "ready", location: weights, result: { event: "published" }, config: { base } });
    expect(shown.result.lastLoss).toBeLessThan(shown.result.firstLoss);
    const text = (await serac(["models", "show", "latest"], options)).stdout;
    for (const part of [shown.runId, shown.data.textsSha256, shown.templateSha256, "gate", "lora, rank 32"]) expect(text).toContain(part);
    expect((await serac(["train", "--resume", modelId], options)).stderr).toContain("is ready");

    expect((await serac(["models", "delete", "latest"], options)).stdout).toBe(`Model ${modelId} is deleted.\n`);
    expect(existsSync(join(cwd, ".serac/artifacts/models", modelId))).toBe(false);
    expect((await serac(["models", "--json"], options)).stdout).toBe("[]\n");
  });
});

describe("what cannot be trained is told before anything is made", () => {
  it("no run, no dataset, no base, no trainer, too little memory, a rehearsal, other people's flags", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const train = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
      serac(["train", ...args], { cwd, env: { ...bare(cwd), ...env } });
    const refused = (finished: Finished): unknown => ({ code: finished.code, stdout: finished.stdout, stderr: finished.stderr });
    const saying = (...parts: readonly string[]): unknown => ({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(parts.map(escaped).join("[^]*")),
    });

    expect(refused(await train([]))).toEqual(saying("There is no home at", "[home_unusable]"));
    expect(refused(await train(["--data", "nowhere"]))).toEqual(saying("--data: nowhere is not there", "export <run> --format openai"));
    expect(refused(await train(["latest", "--resume", "latest"]))).toEqual(saying("a run and --resume cannot both be given"));
    expect(refused(await train(["--detach"]))).toEqual(saying("--detach means nothing without --cloud"));
    expect((await rehearsed(cwd)).code).toBe(0);

    expect(refused(await train(["none"]))).toEqual(saying('There is no run "none"', "[run_unknown]"));
    expect(refused(await train([]))).toEqual(saying("was made by the rehearsal teacher", "--allow-rehearsal"));
    const allowed = ["latest", "--allow-rehearsal"];
    expect(refused(await train([...allowed, "--method", "qlora"]))).toEqual(saying("--method", '"qlora"', "lora, full"));
    expect(refused(await train([...allowed, "--set", "train.epoch=1"]))).toEqual(saying("train.epoch", "epochs"));
    expect(refused(await train([...allowed, "--base", "./none"]))).toEqual(saying("The base", "none is not there", "[training_unfit]"));
    await mkdir(join(cwd, "base"));
    expect(refused(await train([...allowed, "--base", "./base"]))).toEqual(saying("has no config.json"));
    await writeFile(join(cwd, "base/config.json"), JSON.stringify(LARGE));
    const named = [...allowed, "--base", "base"];
    expect(refused(await train([...named, "--python", "/nowhere/python"]))).toEqual(
      saying("/nowhere/python cannot train: there is no such program", "--install"),
    );
    expect(refused(await train(named, { PATH: join(cwd, "empty") }))).toEqual(
      saying("There is no trainer on this machine", "[trainer_unavailable]", "train --install"),
    );
    const small = await pythonOfStandIn(join(cwd, "bin"), { memory: 8e9 });
    expect(refused(await train([...named, "--python", small]))).toEqual(
      saying("needs about", "this machine has 8 GB", "[training_unfit]", "train.contextTokens"),
    );
    expect((await serac(["models"], { cwd })).stdout).toMatch(/^No models in/);
    expect(existsSync(join(cwd, ".serac/artifacts/models"))).toBe(false);
    expect((await serac(["models", "show", "x"], { cwd })).stderr).toContain("[model_unknown]");
  });

  it("a dataset that is too small, and one whose rows were changed", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const options = {
      cwd,
      env: { ...bare(cwd), SERAC_TRAINER_PYTHON: await pythonOfStandIn(join(cwd, "bin")), TRAINER_BEHAVIOUR: "published" },
    };
    expect((await rehearsed(cwd, 2)).code).toBe(0);
    expect((await serac(["export", "latest", "--format", "openai", "--out", "data"], options)).code).toBe(0);
    const manifest = join(cwd, "data/dataset.json");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace('"rehearsal": true', '"rehearsal": false'));
    const base = ["--base", "Qwen/Qwen3-0.6B", "--set", "train.contextTokens=512"];
    const tiny = await serac(["train", "data", ...base], options);
    expect(tiny).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/has [1-7] rows in t1 and t2: at least 8 are needed/),
    });
    const rows = join(cwd, "data/t1/train-00000.jsonl");
    await writeFile(
      rows,
      (await readFile(rows, "utf8")).replace(
        /"text_sha256": ?"[0-9a-f]/,
        (start) => `${start.slice(0, -1)}${start.endsWith("0") ? "1" : "0"}`,
      ),
    );
    const changed = await serac(["train", "data", "--allow-rehearsal", ...base], options);
    expect(changed).toMatchObject({ code: 2, stderr: expect.stringContaining("are not those that") });
    expect((await serac(["models", "--json"], options)).stdout).toBe("[]\n");
  });
});

describe("a run with a train section", () => {
  it("goes on to its model; where it cannot, it says so and is done all the same", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const settings = { train: { base: "Qwen/Qwen3-0.6B", contextTokens: 512, allowRehearsal: true } };
    await writeFile(join(cwd, "serac.yaml"), JSON.stringify(settings));
    const left = await rehearsed(cwd, 4, "--quiet");
    expect(left).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/note: Training is left to .*: There is no trainer on this machine/),
    });

    const python = await pythonOfStandIn(join(cwd, "bin"));
    const run = (behaviour: string, ...flags: readonly string[]): Promise<Finished> =>
      serac(["run", "parcels", "--rehearse", "--samples", "4", "--toolset", "mini", ...flags], {
        cwd,
        env: { ...bare(cwd), SERAC_TRAINER_PYTHON: python, TRAINER_BEHAVIOUR: behaviour },
      });
    const trained = await run("published", "--json");
    expect(trained.code).toBe(0);
    const events = jsonLines(trained.stdout);
    const dataset = events.findIndex(({ event, dataset: written }) => event === "finished" && written !== undefined);
    expect(events.slice(dataset).map(({ event }) => event)).toEqual([
      "finished",
      "started",
      "trainer",
      "step",
      "step",
      "published",
      "finished",
    ]);
    expect(events.at(-1)).toMatchObject({ state: "ready", result: { lastLoss: 1 } });

    const failed = await run("failed");
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining("No row is left. (data_empty) [training_failed]") });
    expect((await serac(["models"], { cwd })).stdout).toMatch(/ failed .*\n.* ready /);

    const without = await run("published", "--set", "train.allowRehearsal=false");
    expect(without).toMatchObject({ code: 0, stderr: expect.stringContaining("a rehearsal teaches nothing") });
  });
});

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A shape of 32B parameters. */
const LARGE = {
  model_type: "qwen3",
  num_hidden_layers: 64,
  hidden_size: 5120,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 25_600,
  vocab_size: 151_936,
  tie_word_embeddings: false,
};
