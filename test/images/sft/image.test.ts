import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser, type Instruction, type JSONInstruction } from "dockerfile-ast";
import { validate, ValidationSeverity } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTrainer } from "../../../scripts/build-trainer.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";
import { SFT_FOLDER, trainerPython } from "../python.ts";

const text = readFileSync(join(SFT_FOLDER, "Dockerfile"), "utf8");
const dockerfile = DockerfileParser.parse(text);
const named = (keyword: string): Instruction[] =>
  dockerfile.getInstructions().filter((instruction) => instruction.getKeyword() === keyword);
const argumentsOf = (instruction: Instruction): string[] => instruction.getArguments().map((argument) => argument.getValue());

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await buildTrainer(folder);
});
afterAll(() => removeFolder(folder));

describe("the trainer's Dockerfile", () => {
  test("has no mistake that a reader of Dockerfiles finds", () => {
    const severities = { deprecatedMaintainer: ValidationSeverity.ERROR, instructionCasing: ValidationSeverity.ERROR };
    expect(validate(text, severities).map(({ message, range }) => ({ line: range.start.line + 1, message }))).toEqual([]);
  });

  test("is built from names that are fixed, or from stages of its own", () => {
    const defaults = Object.fromEntries(named("ARG").map((instruction) => argumentsOf(instruction)[0]!.split("=") as [string, string]));
    const stages = named("FROM").map((instruction) => argumentsOf(instruction));
    const own = stages.flatMap(([, as, name]) => (as?.toUpperCase() === "AS" ? [name!] : []));
    for (const [from] of stages) {
      const name = from!.replace(/^\$\{(\w+)\}$/, (_, variable: string) => defaults[variable]!);
      if (own.includes(name)) continue;
      // A version to the last number: what it names does not move.
      expect(name).toMatch(/^[a-z]+:\d+\.\d+\.\d+-[a-z-]+$/);
    }
  });

  test("copies what is there, and all that the trainer reads beside its code", () => {
    // What begins with a slash comes from a stage of the Dockerfile's own.
    const sources = named("COPY")
      .flatMap((instruction) => argumentsOf(instruction).slice(0, -1))
      .filter((source) => !source.startsWith("/"));
    expect(sources).toEqual(["sft/requirements.txt", "sft/serac_sft", "vllm/serve.jinja"]);
    for (const source of sources) expect(existsSync(join(folder, source)), source).toBe(true);
    expect(readdirSync(join(folder, "sft/serac_sft"))).toEqual(
      expect.arrayContaining(["job.schema.json", "events.schema.json", "launch.py"]),
    );
  });

  test("installs packages by their hashes alone, and the system's without what they only recommend", () => {
    const runs = named("RUN").map((instruction) => instruction.getRawArgumentsContent()!);
    for (const run of runs.filter((line) => line.includes("pip install"))) {
      for (const flag of ["--require-hashes", "--only-binary :all:", "--no-deps"]) expect(run).toContain(flag);
    }
    for (const run of runs.filter((line) => line.includes("apt-get install"))) {
      expect(run).toMatch(/apt-get update[\s\\]*&& apt-get install -y --no-install-recommends/);
      expect(run).toContain("rm -rf /var/lib/apt/lists/*");
    }
    const lock = readFileSync(join(SFT_FOLDER, "requirements.txt"), "utf8").split("\n");
    const packages = lock.filter((line) => /^[a-z]/i.test(line));
    expect(packages.length).toBeGreaterThan(20);
    for (const line of packages) expect(line).toMatch(/^[\w.[\],-]+==[^\s;]+( ;.+)? \\$/);
  });

  test("runs as nobody in particular, without a shell between the container and the trainer", () => {
    const last = (keyword: string): Instruction => named(keyword).at(-1)!;
    expect(argumentsOf(last("USER"))).toEqual(["trainer"]);
    expect(entryOf(last("ENTRYPOINT"))).toEqual(["python", "-m", "serac_sft.launch"]);
    expect(named("CMD")).toEqual([]);
    expect(text).not.toMatch(/AWS_SECRET|HF_TOKEN|ADD |curl|wget/);
  });
});

const entryOf = (instruction: Instruction): string[] =>
  (instruction as JSONInstruction).getJSONStrings().map((part) => part.getJSONValue());

/** As in the image: its files, its entry point and its environment, with the packages of its lock. */
async function inImage(args: readonly string[], env: Record<string, string> = {}) {
  const python = await trainerPython();
  const variables = {
    PATH: "/usr/bin:/bin",
    PYTHONPATH: join(folder, "sft"),
    HF_HUB_OFFLINE: "1",
    OMP_NUM_THREADS: "1",
    HOME: folder,
    ...env,
  };
  return new Promise<{ code: number; out: string; said: string }>((resolve) => {
    execFile(python, [...args], { cwd: folder, env: variables }, (error, out, said) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, said });
    });
  });
}

describe("what the image is made of", { timeout: 600_000 }, () => {
  test("loads, every module of it", async () => {
    const modules = readdirSync(join(folder, "sft/serac_sft"))
      .filter((file) => file.endsWith(".py") && !file.startsWith("__"))
      .map((file) => `serac_sft.${file.slice(0, -3)}`);
    expect(modules.length).toBeGreaterThan(20);
    const { code, said } = await inImage([
      "-c",
      `import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)`,
      ...modules,
    ]);
    expect(said).not.toContain("Traceback");
    expect(code).toBe(0);
  });

  test("begins by its entry point, and says in its own words that there is no job", async () => {
    const [, ...entry] = entryOf(named("ENTRYPOINT").at(-1)!);
    const { code, out } = await inImage([...entry, "--root", folder], { SERAC_SCRATCH: join(folder, "scratch"), SERAC_PROCESSES: "1" });
    expect(code).toBe(2);
    expect(JSON.parse(out.trim())).toMatchObject({ event: "failed", code: "job_invalid" });
  });

  test("finds the template where it looks for it", async () => {
    const script = "from serac_sft.__main__ import TEMPLATE; import sys; sys.stdout.write(TEMPLATE.read_text())";
    const { out } = await inImage(["-c", script]);
    expect(out).toBe(readFileSync(join(folder, "vllm/serve.jinja"), "utf8"));
  });
});
