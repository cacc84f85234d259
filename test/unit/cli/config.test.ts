import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addConfigFlags, layerOfFlags } from "../../../cli/config/flags.ts";
import { nameOf, OWN_REHEARSAL_URL, readConfig, teacherOf } from "../../../cli/config/resolve.ts";
import { processIo } from "../../../cli/io.ts";
import { resolveConfig } from "../../../core/config/resolve.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

let folder: string;
beforeEach(async () => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

const io = () => ({ ...processIo(), cwd: folder });
const request = { repo: null, configFile: null, flags: {}, rehearse: false };

/** The flags as commander hands them to an action. */
function given(...argv: string[]) {
  const command = addConfigFlags(new Command().exitOverride(), ["repository", "plan", "teacher", "rollout"]);
  return command.parse(argv, { from: "user" }).opts();
}

test("every flag sets its key", async () => {
  const flags = given(
    ...["--commit", "v1", "--include", "src", "--include", "lib", "--exclude", "gen", "--language", "go"],
    ...["--samples", "20", "--per-function", "2", "--seed", "7", "--budget", "12.5", "--threshold", "0.8"],
    ...["--teacher", "http://gpu/v1", "--model", "M", "--api-key-env", "KEY", "--temperature", "0", "--concurrency", "4"],
    ...[
      "--toolset",
      "mini",
      "--max-calls",
      "50",
      "--sandbox",
      "virtual-bash",
      "--name",
      "x",
      "--format",
      "xml",
      "--set",
      "rollout.attempts=2",
    ],
  );
  const config = resolveConfig([await layerOfFlags(flags)]);
  expect(config.repo).toEqual({ source: ".", commit: "v1", include: ["src", "lib"], exclude: ["gen"] });
  expect(config.survey.languages).toEqual(["go"]);
  expect(config.plan).toMatchObject({ samples: 20, perFunction: 2, seed: 7 });
  expect(config.budget.usd).toBe(12.5);
  expect(config.verify.threshold).toBe(0.8);
  expect(config.teacher).toMatchObject({ baseUrl: "http://gpu/v1", model: "M", apiKeyEnv: "KEY", temperature: 0, concurrency: 4 });
  expect(config.rollout).toMatchObject({ toolset: "mini", maxCalls: 50, sandbox: "virtual-bash", attempts: 2 });
  expect(config).toMatchObject({ name: "x", dataset: { formats: ["xml"] } });
});

test("a mistake in a flag names the flag, what was found and what is allowed", async () => {
  for (const [flag, value, named] of [
    ["--language", "golang", /--language: survey\.languages\.0: found "golang"; allowed: .*go/],
    ["--samples", "many", /--samples: plan\.samples: found "many"; allowed: .*1/],
    ["--threshold", "2", /--threshold: verify\.threshold: found 2; allowed: .*0.*1/],
    ["--toolset", "swe", /--toolset: rollout\.toolset: found "swe"; allowed: .*swe-agent.*mini/],
    ["--set", "rollout.attemps=2", /--set rollout\.attemps: rollout\.attemps is no known key; did you mean rollout\.attempts\?/],
  ] as const) {
    const layer = await layerOfFlags(given(flag, value));
    expect(() => resolveConfig([layer])).toThrow(named);
  }
});

test("--set takes YAML, and says what it takes", async () => {
  const layer = await layerOfFlags(given("--set", 'environment.install=["pip install -e ."]', "--set", "teacher.price.input=0.2"));
  expect(layer.value).toEqual({ environment: { install: ["pip install -e ."] }, teacher: { price: { input: 0.2 } } });
  for (const bad of ["x", "=1", "a..b=1", "__proto__.x=1", "a b=1"])
    await expect(layerOfFlags({ set: [bad] })).rejects.toThrow(/--set .*allowed is key=value/);
  await expect(layerOfFlags({ set: ["plan.samples=[1"] })).rejects.toThrow(/not valid YAML/);
  expect(Object.prototype).not.toHaveProperty("polluted");
  await expect(layerOfFlags({ set: ["constructor.prototype.polluted=1"] })).resolves.toBeDefined();
  expect(Object.prototype).not.toHaveProperty("polluted");
});

test("flags win over the file, and paths of the file are relative to the file", async () => {
  await mkdir(join(folder, "conf"));
  await writeFile(
    join(folder, "conf/serac.yaml"),
    "repo: { source: ../code }\nplan: { samples: 5, seed: 3 }\ndescribe: { demonstrations: texts.json }\n",
  );
  const { config, file } = await readConfig({ ...request, configFile: "conf/serac.yaml", flags: given("--samples", "9") }, io());
  expect(file).toBe("conf/serac.yaml");
  expect(config.plan).toMatchObject({ samples: 9, seed: 3 });
  expect(config.repo.source).toBe(join(folder, "code"));
  expect(config.describe.demonstrations).toBe(join(folder, "conf/texts.json"));
  expect(nameOf(config)).toBe("code");
});

test("serac.yaml of the folder is found by itself; a repository on the command line is relative to the folder", async () => {
  await writeFile(join(folder, "serac.yaml"), "plan: { samples: 5 }\n");
  const { config, file } = await readConfig({ ...request, repo: "sub" }, io());
  expect([file, config.plan.samples, config.repo.source]).toEqual(["serac.yaml", 5, join(folder, "sub")]);
});

test("an address stays an address, for the message about it", async () => {
  const { config } = await readConfig({ ...request, repo: "https://code.example/x.git" }, io());
  expect(config.repo.source).toBe("https://code.example/x.git");
});

test("a file that is not there, and one that is a folder, are named", async () => {
  await expect(readConfig({ ...request, configFile: "nope.yaml" }, io())).rejects.toMatchObject({
    code: "config_unreadable",
    message: expect.stringContaining("nope.yaml"),
  });
  await expect(readConfig({ ...request, configFile: "." }, io())).rejects.toThrow(/it is a folder/);
});

test("--rehearse replaces the teacher and needs no key", async () => {
  await writeFile(
    join(folder, "serac.yaml"),
    "teacher: { baseUrl: http://gpu/v1, model: M, apiKeyEnv: KEY, concurrency: 3, price: { output: 2 } }\n",
  );
  const { config } = await readConfig({ ...request, rehearse: true }, io());
  expect(teacherOf(config)).toMatchObject({ baseUrl: OWN_REHEARSAL_URL, model: "rehearsal", concurrency: 3, price: { output: 2 } });
  expect(teacherOf(config).apiKeyEnv).toBeUndefined();
  await expect(readConfig({ ...request, rehearse: true, flags: { teacher: "http://x/v1" } }, io())).rejects.toThrow(
    /--rehearse and --teacher/,
  );
});

test("a run without a teacher says how to name one", () => {
  expect(() => teacherOf(resolveConfig([]))).toThrow(/No teacher is given/);
});
