import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import type { TrainingEvent } from "../../../core/training/events.ts";
import { MAX_EVENT_BYTES } from "../../../core/training/read-events.ts";
import type { Trainer, TrainerEnd } from "../../../core/training/trainer.ts";
import { createDockerTrainer, createPythonTrainer } from "../../../drivers/trainer/index.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";
import { dockerThatRuns, IMAGE, PACKAGE, pythonThatHas } from "./programs.ts";

type Make = (folder: string, graceMs?: number) => Promise<Trainer>;

const python: Make = async (folder, graceMs = 20_000) =>
  createPythonTrainer({
    python: await pythonThatHas(join(folder, "bin"), {}),
    packageFolder: PACKAGE,
    scratch: join(folder, "scratch"),
    graceMs,
    env: process.env,
  });

const docker: Make = async (folder, graceMs = 20_000) =>
  createDockerTrainer({
    image: IMAGE,
    scratch: join(folder, "scratch"),
    graceMs,
    env: process.env,
    hubCache: join(folder, "hub"),
    docker: await dockerThatRuns(join(folder, "bin"), { gpus: false }),
  });

interface Ran {
  readonly end: Promise<TrainerEnd>;
  readonly events: TrainingEvent[];
  readonly log: string[];
  readonly root: string;
}

async function run(folder: string, trainer: Trainer, behaviour: string, signal = new AbortController().signal): Promise<Ran> {
  const root = join(folder, "models", "m-1");
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "behaviour"), behaviour);
  const events: TrainingEvent[] = [];
  const log: string[] = [];
  const end = trainer.run({ root, onEvent: (event) => events.push(event), onLog: (line) => log.push(line), signal });
  end.catch(() => {});
  return { end, events, log, root };
}

async function within(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    await use(folder);
  } finally {
    await removeFolder(folder);
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const workerOf = async (root: string): Promise<number> => Number(await readFile(join(root, "worker"), "utf8"));

it.each([
  ["python", python],
  ["docker", docker],
] as const)("%s: events are handed over, other lines are the log, the scratch is gone behind a model", (_, make) =>
  within(async (folder) => {
    const ran = await run(folder, await make(folder), "done");
    expect(await ran.end).toBe("done");
    expect(ran.events.map(({ event }) => event)).toEqual(["started", "stage"]);
    expect(ran.log).toEqual(["a warning of a library"]);
    expect(existsSync(join(folder, "scratch/m-1"))).toBe(false);
  }),
);

it.each([
  ["python", python],
  ["docker", docker],
] as const)("%s: an abort is a SIGTERM, and a checkpoint is an interruption", (_, make) =>
  within(async (folder) => {
    const asked = new AbortController();
    const ran = await run(folder, await make(folder), "checkpoint", asked.signal);
    await expect.poll(() => ran.events.length).toBe(2);
    asked.abort();
    expect(await ran.end).toBe("interrupted");
    expect(ran.events.at(-1)).toMatchObject({ event: "interrupted", step: 3 });
    expect(existsSync(join(folder, "scratch/m-1/prepared"))).toBe(true);
    const worker = await workerOf(ran.root);
    await expect.poll(() => isAlive(worker)).toBe(false);
  }),
);

it.each([
  ["python", python],
  ["docker", docker],
] as const)("%s: who does not end is ended", (_, make) =>
  within(async (folder) => {
    const asked = new AbortController();
    const ran = await run(folder, await make(folder, 300), "stubborn", asked.signal);
    await expect.poll(() => ran.events.length).toBe(2);
    asked.abort();
    expect(await ran.end).toBe("interrupted");
    const [main, worker] = [Number(JSON.parse(await readFile(join(ran.root, "called.json"), "utf8")).pid), await workerOf(ran.root)];
    await expect.poll(() => [isAlive(main), isAlive(worker)]).toEqual([false, false]);
  }),
);

it("whatever it prints, what is no event is a line of the log, and long lines are cut", () =>
  within(async (folder) => {
    const ran = await run(folder, await python(folder), "noise");
    expect(await ran.end).toBe("done");
    expect(ran.events.map(({ event }) => event)).toEqual(["started", "stage"]);
    expect(ran.log[0]).toHaveLength(MAX_EVENT_BYTES);
    expect(ran.log.slice(1)).toEqual([
      "\uFFFD\uFFFD",
      '{"event": "step"}',
      "[]",
      "null",
      "12",
      '{"event": "weather"}',
      "\u001B[2J",
      "10%",
      "20%",
      "30%",
    ]);
  }));

it("a failure that it names is an end; one that it does not is an error with the last that it said", () =>
  within(async (folder) => {
    const trainer = await python(folder);
    const named = await run(folder, trainer, "failed");
    expect(await named.end).toBe("failed");
    expect(named.events.at(-1)).toMatchObject({ event: "failed", code: "data_empty" });
    const broken = await run(folder, trainer, "crash");
    await expect(broken.end).rejects.toMatchObject({
      code: "training_failed",
      message: expect.stringMatching(/exit code 1\. .*out of luck/s),
    });
    await expect(broken.end).rejects.toMatchObject({ message: expect.not.stringContaining("line 80\n") });
    const killed = await run(folder, trainer, "killed");
    await expect(killed.end).rejects.toMatchObject({
      code: "training_failed",
      message: expect.stringContaining("was killed"),
      hint: expect.stringContaining("Memory"),
    });
  }));

it("ends with whoever started it, also when that is killed, and the next waits for it", () =>
  within(async (folder) => {
    const trainer = await python(folder);
    const root = join(folder, "models", "m-1");
    await mkdir(root, { recursive: true });
    await writeFile(join(root, "behaviour"), "checkpoint");
    const parent = spawn(process.execPath, [resolve(import.meta.dirname, "train-worker.ts"), folder, root], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    const { pid } = JSON.parse(await readFile(join(root, "called.json"), "utf8"));
    const worker = await workerOf(root);
    expect([isAlive(pid), isAlive(worker)]).toEqual([true, true]);
    parent.kill("SIGKILL");
    const next = await run(folder, trainer, "done");
    expect(await next.end).toBe("done");
    await expect.poll(() => [isAlive(pid), isAlive(worker)]).toEqual([false, false]);
  }));

it("what a Python lacks is said before anything is trained", () =>
  within(async (folder) => {
    const refusal = async (said: Readonly<Record<string, unknown>>): Promise<unknown> => {
      const options = { packageFolder: PACKAGE, scratch: join(folder, "scratch"), graceMs: 1000, env: process.env };
      return createPythonTrainer({ python: await pythonThatHas(join(folder, "bin"), said), ...options }).check();
    };
    await expect(refusal({ version: [3, 8, 1] })).rejects.toMatchObject({
      code: "trainer_unavailable",
      message: expect.stringContaining("Python 3.8.1; 3.10"),
    });
    await expect(refusal({ missing: ["torch", "trl"] })).rejects.toMatchObject({
      message: expect.stringContaining("lacks torch, trl"),
      hint: expect.stringContaining("--install"),
    });
    await expect(refusal({ broken: "OSError: libcuda" })).rejects.toMatchObject({ message: expect.stringContaining("libcuda") });
    const plain = { packageFolder: PACKAGE, scratch: folder, graceMs: 1000, env: process.env };
    await expect(createPythonTrainer({ python: join(folder, "none"), ...plain }).check()).rejects.toMatchObject({
      message: expect.stringContaining("no such program"),
    });
    await expect(createPythonTrainer({ python: "/bin/echo", ...plain }).check()).rejects.toMatchObject({
      message: expect.stringContaining("no Python"),
    });
    await expect(createPythonTrainer({ python: "/bin/false", ...plain }).check()).rejects.toMatchObject({
      message: expect.stringContaining("fails"),
    });
  }));

it("the container sees the model, the scratch and the base, all GPUs, and no network", () =>
  within(async (folder) => {
    const bin = join(folder, "bin");
    const base = join(folder, "base, with a comma");
    await mkdir(base);
    const options = { scratch: join(folder, "scratch"), graceMs: 1000, env: process.env, hubCache: join(folder, "hub") };
    const trainer = createDockerTrainer({ ...options, image: IMAGE, docker: await dockerThatRuns(bin, { gpus: true }) });
    expect(await trainer.check()).toMatchObject({ device: "cuda", memoryBytes: 8e10 });
    const root = join(folder, "models", "m-1");
    await mkdir(root, { recursive: true });
    await writeFile(join(root, "job.json"), JSON.stringify(jobOn(base)));
    await (
      await run(folder, trainer, "done")
    ).end;
    const call = (await readFile(join(bin, "docker.log"), "utf8")).trim().split("\n").at(-1)!;
    for (const part of [
      "--network none",
      "--gpus all",
      "--shm-size 48g",
      `source=${root},target=${root}`,
      `"source=${base}","target=${base}",readonly`,
    ])
      expect(call).toContain(part);
    expect(call).not.toContain(join(folder, "hub"));
    const unknown = createDockerTrainer({ ...options, image: "other", docker: join(bin, "docker") });
    await expect(unknown.check()).rejects.toMatchObject({
      code: "trainer_unavailable",
      message: expect.stringContaining("docker image other"),
    });
    const missing = createDockerTrainer({ ...options, image: IMAGE, docker: join(folder, "none") });
    await expect(missing.check()).rejects.toMatchObject({ message: expect.stringContaining("there is no docker here") });
  }));

const jobOn = (source: string): unknown => ({
  schema: "serac.training-job/1",
  modelId: "m-1",
  name: "m",
  base: { source, revision: null, name: "base" },
  data: { datasets: ["t1"], rows: 1, toolset: "swe-agent", rehearsal: false, textsSha256: "0".repeat(64) },
  templateSha256: "0".repeat(64),
  settings: {
    method: "lora",
    contextTokens: 1024,
    epochs: 1,
    learningRate: 1e-4,
    batchSize: 1,
    warmupSteps: 0,
    weightDecay: 0,
    loraRank: 8,
    loraAlpha: 16,
    saveSteps: 5,
    heldOut: 0,
    seed: 1,
    sequenceParallel: 1,
    allowRehearsal: false,
  },
  lineage: { runId: null, repository: "r", commit: null, seracVersion: "0" },
});
