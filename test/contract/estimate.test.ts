import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { main } from "../../cli/main.ts";
import { createPrinter } from "../../cli/printer.ts";
import { createRedactor } from "../../core/config/redactor.ts";
import { configSchema } from "../../core/config/schema.ts";
import { estimateSchema } from "../../core/control/api/wire/estimate.ts";
import type { PlanEstimate } from "../../core/plan/estimate.ts";
import { sampleIdOf } from "../../core/plan/sample-id.ts";
import { measureEarlier } from "../../core/svg/earlier/measure-earlier.ts";
import { firstRolloutId, secondRolloutId, trajectoryKey } from "../../core/svg/names.ts";
import type { StatePlatform } from "../../core/svg/platform.ts";
import type { SampleRecord } from "../../core/svg/sample.ts";
import type { RunRecord } from "../../core/svg/store.ts";
import { testStep } from "../unit/dataset/test-data.ts";
import { ask } from "./control-api/asking.ts";
import { startDeployment } from "./control-api/deployment.ts";
import { addSample, openTestHome, type TestHome } from "./dataset/home.ts";
import { runRecord, sampleRecord } from "./store/sample-data.ts";

const CONFIG = configSchema.parse({ teacher: { baseUrl: "http://127.0.0.1:9/v1", model: "m" }, plan: { samples: 100 } });
const DONE = { state: "finished", rehearsal: false, config: CONFIG } as const;

/** Every rollout: three calls of 2 s, of which two had a command of 500 ms. */
const LATENCY_MS = 2_000;
const STEPS = [1, 2, 3].map((number) => {
  const step = testStep(number);
  const observations = number === 3 ? [] : step.observations.map((observation) => ({ ...observation, executionMs: 500 }));
  return {
    ...step,
    latencyMs: LATENCY_MS,
    observations,
    usage: { inputTokens: 1_000 * number, cachedInputTokens: 800 * (number - 1), outputTokens: 100 },
  };
});
const USAGE = { inputTokens: 6_000, cachedInputTokens: 2_400, outputTokens: 300 };

/** Three of four are accepted. */
async function addRun(platform: StatePlatform, id: string, samples: number, change: Partial<RunRecord> = {}): Promise<void> {
  await platform.store.createRun(runRecord({ id, ...DONE, ...change }));
  for (let index = 0; index < samples; index++) {
    const sampleId = sampleIdOf(id, index);
    const sample: SampleRecord = {
      ...sampleRecord(index),
      id: sampleId,
      runId: id,
      state: index % 4 === 3 ? "rejected" : "accepted",
      attempts: 1,
      firstRolloutId: firstRolloutId(sampleId, 1),
      secondRolloutId: secondRolloutId(sampleId),
    };
    await addSample(platform, sample, () => ({ steps: STEPS, usage: USAGE }));
  }
}

const using = async <T>(use: (home: TestHome) => Promise<T>): Promise<T> => {
  const home = await openTestHome();
  try {
    return await use(home);
  } finally {
    home.close();
  }
};

describe("what earlier runs have measured", () => {
  test("comes from finished runs with the same teacher and toolset, and from no rehearsal", () =>
    using(async ({ platform }) => {
      expect(await measureEarlier(platform, CONFIG, { most: 200 })).toBeNull();
      const other = configSchema.parse({ teacher: { baseUrl: "http://127.0.0.1:9/v1", model: "other" } });
      await addRun(platform, "running", 12, { state: "running" });
      await addRun(platform, "rehearsed", 12, { rehearsal: true });
      await addRun(platform, "other-model", 12, { config: other });
      await addRun(platform, "other-tools", 12, { config: { ...CONFIG, rollout: { ...CONFIG.rollout, toolset: "mini" } } });
      expect(await measureEarlier(platform, CONFIG, { most: 200 })).toBeNull();
      await addRun(platform, "ours", 12);
      const measured = await measureEarlier(platform, CONFIG, { most: 200 });
      expect(measured).toMatchObject({ samples: 12, runs: [{ id: "ours", samples: 12 }] });
      const { figures, replySeconds, accepted } = measured!;
      expect(figures.calls!.likely).toBe(3);
      expect(figures.contextTokens!.likely).toBe(2_000);
      expect(figures.outputTokens!.likely).toBe(100);
      expect(figures.commandSeconds!.likely).toBeCloseTo(1 / 3, 9);
      expect(replySeconds.likely).toBe(2);
      expect(accepted.likely).toBe(0.75);
      expect(await measureEarlier(platform, { ...CONFIG, teacher: undefined }, { most: 200 })).toBeNull();
    }));

  test("reads the newest runs first and no more samples than it may", () =>
    using(async ({ platform }) => {
      await addRun(platform, "old", 12, { createdAt: "2026-01-01T00:00:00.000Z" });
      await addRun(platform, "new", 12, { createdAt: "2026-01-02T00:00:00.000Z" });
      const read: string[] = [];
      const artifacts = {
        ...platform.artifacts,
        get: (key: string) => {
          read.push(key);
          return platform.artifacts.get(key);
        },
      };
      const measured = await measureEarlier({ ...platform, artifacts }, CONFIG, { most: 15 });
      expect(measured!.runs).toEqual([
        { id: "new", samples: 12 },
        { id: "old", samples: 3 },
      ]);
      expect(read).toHaveLength(30);
    }));

  test("does without trajectories that are gone, and without samples that failed", () =>
    using(async ({ platform }) => {
      await addRun(platform, "ours", 12);
      await platform.artifacts.remove(trajectoryKey("ours", firstRolloutId(sampleIdOf("ours", 0), 1)));
      await addSample(platform, {
        ...sampleRecord(12),
        id: sampleIdOf("ours", 12),
        runId: "ours",
        state: "failed",
        reason: "teacher_unreachable",
        attempts: 3,
      });
      const measured = await measureEarlier(platform, CONFIG, { most: 200 });
      expect(measured).toMatchObject({ samples: 12, figures: { calls: { likely: 3 }, firstRollouts: { likely: 1 } } });
    }));
});

describe("serac estimate", () => {
  async function estimate(home: string, ...flags: string[]): Promise<{ json: PlanEstimate; text: string }> {
    const command = [
      "estimate",
      ".",
      "--no-survey",
      "--teacher",
      "http://127.0.0.1:9/v1",
      "--model",
      "m",
      "--samples",
      "100",
      "--home",
      home,
    ];
    const [json, text] = await Promise.all([printed([...command, ...flags, "--json"]), printed([...command, ...flags])]);
    return { json: JSON.parse(json) as PlanEstimate, text };
  }

  test("takes what the home has measured, says so, and can be told not to", () =>
    using(async ({ folder, platform }) => {
      await addRun(platform, "ours", 12);
      const home = join(folder, "home");
      const { json, text } = await estimate(home);
      expect(json.measured).toEqual({ samples: 12, runs: [{ id: "ours", samples: 12 }] });
      expect(json.accepted!.likely).toBe(75);
      // A second rollout of each of a hundred samples, of three calls.
      expect(json.stages.at(-1)!.calls.likely).toBe(300);
      expect(json.sources.find(({ figure }) => figure === "teacher calls of a rollout")).toMatchObject({
        kind: "measured",
        source: "from 12 samples of run ours",
      });
      expect(text).toContain("Measured in 12 samples of earlier runs: ours (12). About 75 (");
      expect(text).toMatch(/from 12 samples of run ours \(measured\)\n(\s{4}.*\n)*\s{4}teacher calls of a rollout: 3 \(2\.7 to 3\.3\)\n/);
      const assumed = await estimate(home, "--assume");
      expect(assumed.json).toMatchObject({ measured: null, accepted: null });
      expect(assumed.json.stages.at(-1)!.calls.likely).toBe(3465);
      expect(assumed.text).toContain("They rest on assumptions");
    }));

  test("makes no home where there is none", () =>
    using(async ({ folder }) => {
      const { json } = await estimate(join(folder, "nowhere"));
      expect(json.measured).toBeNull();
    }));
});

async function printed(argv: readonly string[]): Promise<string> {
  const redactor = createRedactor();
  let out = "";
  let err = "";
  const sink = (add: (text: string) => void): Writable => new Writable({ write: (chunk, _encoding, done) => (add(String(chunk)), done()) });
  const io = {
    out: createPrinter(
      sink((text) => (out += text)),
      redactor,
    ),
    err: createPrinter(
      sink((text) => (err += text)),
      redactor,
    ),
    env: {},
    cwd: import.meta.dirname,
    redactor,
    debug: false,
  };
  const exit = await main([...argv], io);
  expect(exit, err).toBe(0);
  return out;
}

describe("the API's estimate", () => {
  test("takes what the deployment has measured, unless it is told to assume", async () => {
    await using deployment = await startDeployment();
    const key = await deployment.newKey("runs:read");
    await addRun(deployment.platform, "ours", 12);
    const config = { teacher: { baseUrl: "https://models.example/v1", model: "m", apiKeySecret: "serac/teacher" }, plan: { samples: 100 } };
    const measured = await ask(deployment, "POST", "/v1/estimates", { key, body: { config } });
    expect(estimateSchema.strict().parse(measured.body)).toMatchObject({ measured: { samples: 12 }, accepted: { likely: 75 } });
    const assumed = await ask(deployment, "POST", "/v1/estimates", { key, body: { config, assume: true } });
    expect(assumed.body).toMatchObject({ measured: null, accepted: null });
  });
});
