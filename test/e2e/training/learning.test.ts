import { execFile } from "node:child_process";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { TRAINER_EXIT, trainingEventSchema, type TrainingEvent } from "../../../core/training/events.ts";
import { SFT_FOLDER, trainerPython } from "../../images/python.ts";
import { trainedTinyModel, type TrainedTinyModel } from "../../images/trained-tiny-model.ts";
import { startTrainer, type TrainerEnded } from "../../images/trainer-process.ts";
import { scratch } from "../serac.ts";

let model: TrainedTinyModel;

beforeAll(async () => {
  model = await trainedTinyModel();
}, 600_000);

const events = async (): Promise<readonly TrainingEvent[]> => {
  const lines = (await readFile(join(model.root, "metrics.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => trainingEventSchema.parse(JSON.parse(line)));
};

it("a model that was trained on trajectories of the pipeline knows more than 99 % of their trained tokens", async () => {
  await using folder = await scratch();
  const { stdout } = await promisify(execFile)(
    await trainerPython(),
    ["-m", "serac_sft.accuracy", "--root", model.root, "--scratch", folder.path],
    { cwd: SFT_FOLDER, env: { ...process.env, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1" } },
  );
  const measured: { accuracy: number; tokens: number } = JSON.parse(stdout);
  const prepared = (await events()).find((event) => event.event === "prepared")!;
  expect(prepared).toMatchObject({ samples: 16, dropped: {} });
  expect(measured.tokens).toBe(prepared.trainedTokens);
  expect(measured.accuracy).toBeGreaterThan(0.99);
});

it("every gate was passed, and the files are those that MANIFEST.json names", async () => {
  const result = trainingEventSchema.parse(JSON.parse(await readFile(join(model.root, "result.json"), "utf8")));
  if (result.event !== "published") throw new Error(`The training ended with ${result.event}.`);
  expect(result.gates.map(({ name, passed }) => [name, passed])).toEqual(
    ["parity", "hashes", "keys", "finite", "loss", "held-out", "reload"].map((name) => [name, true]),
  );
  const manifest: { files: { path: string; bytes: number }[] } = JSON.parse(await readFile(join(model.weights, "MANIFEST.json"), "utf8"));
  expect(manifest.files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["README.md", "chat_template.jinja", "config.json", "model.safetensors", "tokenizer.json"]),
  );
  expect(result.files).toBe(manifest.files.length + 1);
});

it("a training that is stopped and killed goes on with the losses of one that was not", async () => {
  await using folder = await scratch();
  const root = join(folder.path, "root");
  await mkdir(root);
  for (const name of ["job.json", "data"]) await cp(join(model.root, name), join(root, name), { recursive: true });
  const stopped = await tryUntil(root, join(folder.path, "first"), "SIGTERM", isStep(10));
  expect(stopped.code).toBe(TRAINER_EXIT.interrupted);
  const interrupted = stopped.events.at(-1)!;
  if (interrupted.event !== "interrupted") throw new Error(`The try ended with ${interrupted.event}.`);

  let isSaved = false;
  const killed = await tryUntil(root, join(folder.path, "second"), "SIGKILL", (event) => {
    isSaved ||= event.event === "checkpoint" && event.step === SAVE_STEPS;
    return isSaved && event.event === "step" && event.step > SAVE_STEPS + 1;
  });
  expect(killed.signal).toBe("SIGKILL");
  expect(killed.events.find(({ event }) => event === "resumed")).toMatchObject({ step: interrupted.step });

  const last = await tryUntil(root, join(folder.path, "third"), "SIGTERM", isStep(SAVE_STEPS + 5));
  expect(last.events.find(({ event }) => event === "resumed")).toMatchObject({ step: SAVE_STEPS, passedOver: [] });
  expect(last.code).toBe(TRAINER_EXIT.interrupted);

  const whole = lossesOf(await events());
  for (const { events: said } of [stopped, killed, last]) {
    const losses = lossesOf(said);
    expect(losses.size).toBeGreaterThan(0);
    for (const [step, loss] of losses) expect(Math.abs(loss - whole.get(step)!), `step ${step}`).toBeLessThan(1e-4);
  }
  expect([...lossesOf(stopped.events).keys()].at(-1)! + 1).toBe([...lossesOf(killed.events).keys()][0]);
});

/** Of the job; what a machine that is gone costs at most. */
const SAVE_STEPS = 20;

const isStep =
  (step: number) =>
  (event: TrainingEvent): boolean =>
    event.event === "step" && event.step === step;

/** One try, which gets a signal as soon as it says the event. Each on a machine of its own: nothing is on its disk. */
async function tryUntil(
  root: string,
  machine: string,
  signal: NodeJS.Signals,
  isIt: (event: TrainingEvent) => boolean,
): Promise<TrainerEnded> {
  let isSent = false;
  const trainer = await startTrainer({
    root,
    scratch: machine,
    onEvent: (event, child) => {
      if (isSent || !isIt(event)) return;
      isSent = true;
      child.kill(signal);
    },
  });
  return trainer.ended;
}

function lossesOf(said: readonly TrainingEvent[]): ReadonlyMap<number, number> {
  return new Map(said.flatMap((event) => (event.event === "step" ? [[event.step, event.loss]] : [])));
}
