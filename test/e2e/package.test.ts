import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pythonOfStandIn } from "../contract/trainer/programs.ts";
import { exampleRepository, jsonLines, scratch } from "./serac.ts";

const exec = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

/** As a user's shell has it: without the Node that this checkout brings along. */
const USER_PATH = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

function userEnvironment(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|INIT_CWD|SERAC_)/i.test(name)));
  return { ...env, PATH: USER_PATH };
}

/** Packed and installed once, as `npm i <tarball>` does it in an empty folder. */
let folder: Awaited<ReturnType<typeof scratch>>;
let home: string;
let repo: string;
const run = (command: string, ...args: string[]) => exec(command, args, { cwd: home, env: userEnvironment(), maxBuffer: 64 * 1024 * 1024 });

beforeAll(async () => {
  folder = await scratch();
  home = join(folder.path, "elsewhere");
  await mkdir(home);
  repo = await exampleRepository(folder.path);
  const { stdout } = await exec("npm", ["pack", "--json", "--pack-destination", folder.path], { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  // Older npm prints a list, newer ones an object by name.
  const report: Record<string, { readonly filename: string }> = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  const [packed] = Object.values(report);
  await writeFile(join(home, "package.json"), '{ "name": "elsewhere", "private": true }\n');
  await run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", join(folder.path, packed!.filename));
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe("the package, installed in an empty folder with the Node that the host has", () => {
  it("surveys a repository", async () => {
    const { stdout } = await run("npx", "--no-install", "serac", "survey", repo, "--json");
    const lines = jsonLines(stdout);
    expect(lines.map(({ id }) => id)).toContain("parcels/rates.py::quote");
    expect(lines.at(-1)).toMatchObject({ functions: 57, files: 10 });
  });

  it("runs the whole pipeline, both sandboxes, tokens and all", async () => {
    for (const sandbox of ["virtual-bash", "auto"]) {
      const { stdout } = await run(
        "npx",
        "--no-install",
        "serac",
        "run",
        repo,
        "--rehearse",
        "--set",
        "plan.samples=2",
        "--sandbox",
        sandbox,
        "--json",
      );
      const finished = jsonLines(stdout).at(-1)!;
      expect(finished).toMatchObject({ event: "finished", done: 2 });
      expect(finished["counts"]).not.toContainEqual(expect.objectContaining({ state: "failed" }));
      expect(await readdir(String(finished["dataset"]))).toEqual(["README.md", "dataset.json", "recipes", "t1", "t2"]);
    }
  });

  it("carries the trainer, with its lock and its template, and runs it", async () => {
    const assets = join(home, "node_modules/serac/dist/assets");
    for (const name of ["sft/requirements.txt", "sft/serac_sft/__main__.py", "sft/serac_sft/job.schema.json", "vllm/serve.jinja"])
      expect((await stat(join(assets, name))).size).toBeGreaterThan(0);
    const python = await pythonOfStandIn(join(folder.path, "bin"));
    const flags = ["--allow-rehearsal", "--base", "Qwen/Qwen3-0.6B", "--set", "train.contextTokens=512", "--python", python];
    const { stdout } = await run("env", "TRAINER_BEHAVIOUR=published", "npx", "--no-install", "serac", "train", "latest", ...flags);
    expect(stdout).toMatch(/ ready .*[^]*serac models show/);
  });

  it("reads the file of a gateway's keys", async () => {
    await writeFile(join(home, "keys.yaml"), `- { id: alice, sha256: "${"0e".repeat(32)}" }\n`);
    const flags = ["--upstream", "http://127.0.0.1:9", "--model", "m", "--port", "0", "--keys", "keys.yaml", "--require-upstream"];
    await expect(run("./node_modules/.bin/serac", "gateway", ...flags)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("http://127.0.0.1:9 does not answer"),
    });
  });

  it("passes on exit codes and signals", async () => {
    await expect(run("./node_modules/.bin/serac", "survey", "nope")).rejects.toMatchObject({ code: 2 });
    const { stdout } = await run(
      "sh",
      "-c",
      "./node_modules/.bin/serac rehearse --port 0 --json > out & sleep 3; kill -INT $!; wait $!; echo $?; cat out",
    );
    expect(stdout).toMatch(/^0\n\{"url":.*\n\{"requests":0/);
  });

  it("says what it needs where there is no Node that is new enough", async () => {
    const { stdout } = await run("node", "--version");
    const isOld = Number(/\d+/.exec(stdout)?.[0]) < 24;
    const chosen = await run("env", "SERAC_NODE=/bin/false", "./node_modules/.bin/serac", "--version").then(
      () => "ran",
      (error: { code: number; stderr: string }) => `${error.code} ${error.stderr}`,
    );
    expect(chosen).toMatch(isOld ? /^2 error: SERAC_NODE is \/bin\/false, which is not Node 24 or newer\. \[usage\]/ : /^ran$/);
  });

  it("needs no install scripts and little room of its own", async () => {
    const content = await readFile(join(home, "node_modules/.package-lock.json"), "utf8");
    const lock: { readonly packages: Record<string, { readonly hasInstallScript?: boolean }> } = JSON.parse(content);
    const names = Object.keys(lock.packages).map((path) => path.replace("node_modules/", ""));
    expect(names.filter((name) => !name.startsWith("node-"))).toEqual(["serac", "zod"]);
    expect(Object.values(lock.packages).filter(({ hasInstallScript }) => hasInstallScript === true)).toEqual([]);
    const files = await readdir(join(home, "node_modules/serac"), { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      files.filter((file) => file.isFile()).map(async (file) => (await stat(join(file.parentPath, file.name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40 * 1024 * 1024);
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", "THIRD-PARTY-NOTICES.txt"]),
    );
  });

  it("is a library with types", async () => {
    await writeFile(
      join(home, "use.mts"),
      `import { InputError, loadConfig, openRepository, scorePatches, surveyRepository, type SeracConfig } from "serac";
const config: SeracConfig = loadConfig("plan: { samples: 3 }", "serac.yaml");
const source = await openRepository(process.argv[2]!);
const { functions, summary } = await surveyRepository(source, { ...config.survey, ...config.repo });
await source.close();
const recall: number | null = scorePatches("", "", "serac").recall;
let code = "";
try {
  loadConfig("plans: {}", "serac.yaml");
} catch (error) {
  if (error instanceof InputError) code = error.code;
}
console.log(JSON.stringify({ samples: config.plan.samples, functions: functions.length, files: summary.files, recall, code }));
`,
    );
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--types",
      "node",
      "--typeRoots",
      join(ROOT, "node_modules/@types"),
    ];
    await exec(process.execPath, [tsc, ...flags, "use.mts"], { cwd: home });
    const { stdout } = await exec(process.execPath, ["use.mts", repo], { cwd: home });
    expect(JSON.parse(stdout)).toEqual({ samples: 3, functions: 57, files: 10, recall: null, code: "config_invalid" });
  });

  it("satisfies publint", async () => {
    const { stdout } = await exec(
      process.execPath,
      [join(ROOT, "node_modules/publint/src/cli.js"), "--strict", join(home, "node_modules/serac")],
      { cwd: ROOT },
    );
    expect(stdout).toContain("All good!");
  });
});
