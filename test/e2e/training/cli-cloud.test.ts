import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MODEL_STATES } from "../../../core/training/model.ts";
import { progressKey, weightsPrefix } from "../../../core/training/names.ts";
import { configOf } from "../../contract/control/support/place.ts";
import { BASE, PUBLISHED, putResult, TRAINING } from "../../contract/control/support/training.ts";
import { startDeployment } from "../../contract/control-api/deployment.ts";
import { runRecord } from "../../contract/store/sample-data.ts";
import { jsonLines, scratch, serac, startSerac } from "../serac.ts";

const WEIGHTS = "weights";
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

it("a model in the cloud is priced, started, followed, shown, fetched and deleted from here", async () => {
  await using folder = await scratch();
  await using deployment = await startDeployment(undefined, TRAINING);
  const { models, artifacts, store } = deployment.platform;
  const train = { base: BASE, contextTokens: 4096, batchSize: 8 };
  const run = { state: "finished", rehearsal: false, dataset: "s3://bucket/datasets/run1", config: configOf({ train }) } as const;
  await store.createRun(runRecord({ id: "run1", ...run }));
  const options = { cwd: folder.path, env: { SERAC_API: deployment.url, SERAC_API_KEY: await deployment.newKey() } };

  const estimate = await serac(["train", "run1", "--cloud", "--set", "train.epochs=1", "--estimate-only"], options);
  expect(estimate).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/Training Qwen\/Qwen3-0\.6B [^]*1 epochs[^]*g6e\.xlarge[^]*Prices of us-east-1/),
  });
  const refused = await serac(["train", "run1", "--cloud", "--set", "train.method=full", "--base", "Qwen/Qwen3-32B"], options);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/fits no machine that is offered[^]*\[training_unfit\]/) });
  expect(await models.listModels()).toEqual([]);
  expect((await serac(["models", "--cloud"], options)).stdout).toMatch(/^No models at /);
  expect(await serac(["models", "show", "latest", "--cloud"], options)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("[model_unknown]"),
  });

  const following = startSerac(["train", "latest", "--cloud", "--name", "mine", "--set", "train.epochs=1", "--json"], options);
  const modelId = String(jsonLines(await following.line((line) => line.includes('"started"')))[0]!["modelId"]);
  const step = {
    event: "step",
    at: PUBLISHED.at,
    step: 5,
    steps: 10,
    epoch: 0.5,
    loss: 1.25,
    learningRate: 1e-4,
    gradNorm: null,
    tokensPerSecond: 900,
    tokens: 10_000,
    etaSeconds: 60,
  };
  await artifacts.put(progressKey(modelId), Buffer.from(JSON.stringify(step)));
  await models.changeModel(modelId, MODEL_STATES, { state: "training", job: { jobId: "job-1", attempts: 1 } });
  await following.line((line) => line.includes('"progress"') && line.includes('"loss":1.25'));
  expect((await serac(["models", "show", modelId.slice(0, -1), "--cloud"], options)).stdout).toContain("step 5/10 · loss 1.2500");
  await putResult(artifacts, modelId);
  const manifest = { files: [{ path: "adapter_model.safetensors", bytes: WEIGHTS.length, sha256: sha256(WEIGHTS) }] };
  await artifacts.put(`${weightsPrefix(modelId)}MANIFEST.json`, Buffer.from(JSON.stringify(manifest)));
  await models.changeModel(modelId, MODEL_STATES, { state: "ready", result: PUBLISHED, costMicroUsd: 1_230_000 });
  const { code, stdout } = await following.finished;
  expect(code).toBe(0);
  expect(jsonLines(stdout).at(-1)).toMatchObject({
    event: "finished",
    modelId,
    state: "ready",
    costMicroUsd: 1_230_000,
    result: { lastLoss: 0.5 },
  });

  const shown = (await serac(["models", "show", "latest", "--cloud"], options)).stdout;
  for (const part of ["run1", "lora, rank 32", "1 epochs", "$1.23", "2.5000 -> 0.5000", "parity: passed"]) expect(shown).toContain(part);
  expect((await serac(["models", "--cloud"], options)).stdout).toMatch(new RegExp(`${modelId} +ready +${BASE}`));
  await writeFile(join(folder.path, "taken"), "");
  const download = (out: string) => serac(["models", "download", modelId, "--cloud", "--out", out], options);
  expect(await download("taken")).toMatchObject({ code: 2, stderr: expect.stringContaining("[output_exists]") });
  expect(await download("mine")).toMatchObject({ code: 0, stdout: expect.stringContaining("2 files") });
  expect(await readFile(join(folder.path, "mine/adapter_model.safetensors"), "utf8")).toBe(WEIGHTS);
  await artifacts.put(`${weightsPrefix(modelId)}adapter_model.safetensors`, Buffer.from("WEIGHTS"));
  expect(await download("changed")).toMatchObject({ code: 1, stderr: expect.stringContaining("is not what MANIFEST.json says") });

  expect((await serac(["models", "delete", modelId, "--cloud"], options)).stdout).toContain(`Model ${modelId} is deleted`);
  expect(deployment.defects).toEqual([]);
});

it("a training that fails says why, and one that is left goes on without us", async () => {
  await using folder = await scratch();
  await using deployment = await startDeployment(undefined, TRAINING);
  const { models, store } = deployment.platform;
  const run = {
    state: "finished",
    rehearsal: false,
    dataset: "s3://bucket/datasets/run1",
    config: configOf({ train: { base: BASE, batchSize: 8, contextTokens: 4096 } }),
  } as const;
  await store.createRun(runRecord({ id: "run1", ...run }));
  const options = { cwd: folder.path, env: { SERAC_API: deployment.url, SERAC_API_KEY: await deployment.newKey() } };

  const left = await serac(["train", "run1", "--cloud", "--detach"], options);
  expect(left).toMatchObject({ code: 0, stdout: expect.stringContaining("goes on in the cloud") });
  const following = startSerac(["train", "run1", "--cloud", "--json"], options);
  const modelId = String(jsonLines(await following.line((line) => line.includes('"started"')))[0]!["modelId"]);
  await models.changeModel(modelId, MODEL_STATES, {
    state: "failed",
    detail: "The loss is not finite at step 7.",
    code: "loss_not_finite",
    hint: "Lower train.learningRate.",
  });
  const failed = await following.finished;
  expect(failed).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/not finite at step 7\. \(loss_not_finite\) \[training_failed\][^]*Lower train\.learningRate/),
  });
  expect(jsonLines(failed.stdout).at(-1)).toMatchObject({ event: "failed", modelId, code: "training_failed" });

  const [, other] = await models.listModels();
  expect((await serac(["models", "cancel", other!.id, "--cloud"], options)).stdout).toContain(`${other!.id}  cancelled`);
  const stopped = startSerac(["train", "run1", "--cloud", "--json"], options);
  await stopped.line((line) => line.includes('"progress"'));
  stopped.child.kill("SIGINT");
  expect(await stopped.finished).toMatchObject({ code: 3, stderr: expect.stringContaining("goes on in the cloud") });
});
