import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startRehearsalTeacher, type RehearsalOptions, type RehearsalTeacher } from "../../drivers/rehearsal/index.ts";
import { exampleRepository, jsonLines, scratch, serac, startSerac, type Finished } from "./serac.ts";

interface Summary {
  readonly state: string;
  readonly done: number;
  readonly planned: number;
  readonly counts: readonly { readonly state: string; readonly reason: string | null; readonly samples: number }[];
}

async function runWith(
  options: Partial<RehearsalOptions>,
  settings: object,
  flags: readonly string[] = [],
): Promise<{ result: Finished; summary: Summary; stats: ReturnType<RehearsalTeacher["stats"]> }> {
  await using folder = await scratch();
  const repo = await exampleRepository(folder.path);
  const teacher = await startRehearsalTeacher({ seed: 5, retryAfterSeconds: 1, ...options });
  try {
    const config = {
      teacher: { baseUrl: teacher.url, model: teacher.model, concurrency: 4, timeoutSeconds: 2 },
      plan: { samples: 4 },
      ...settings,
    };
    await writeFile(join(folder.path, "serac.yaml"), JSON.stringify(config));
    const result = await serac(["run", repo, "-c", "serac.yaml", "--json", ...flags], { cwd: folder.path });
    const summary = jsonLines(result.stdout).at(-1) as unknown as Summary;
    return { result, summary, stats: teacher.stats() };
  } finally {
    await teacher.close();
  }
}

const reasons = (summary: Summary): readonly (string | null)[] => summary.counts.map(({ reason }) => reason);

describe("faults of the line: the call is tried again, the run goes on", () => {
  it.each(["429", "500", "hang", "cut-headers", "cut-stream", "not-json"] as const)("%s", async (mode) => {
    const { result, summary, stats } = await runWith({ faults: [{ mode, rate: 0.08 }] }, {});
    expect(result.code, result.stderr).toBe(0);
    expect(stats.faults[mode]).toBeGreaterThan(0);
    expect(summary).toMatchObject({ state: "finished", done: 4, planned: 4 });
    expect(reasons(summary)).not.toContain("teacher_unreachable");
  });
});

describe("faults of the model: the model is told, or the rollout ends with its reason", () => {
  it.each(["bad-arguments", "two-calls", "no-call"] as const)("%s now and then is asked again", async (mode) => {
    const { result, summary, stats } = await runWith({ faults: [{ mode, rate: 0.1 }] }, {});
    expect(result.code, result.stderr).toBe(0);
    expect(stats.faults[mode]).toBeGreaterThan(0);
    expect(summary).toMatchObject({ state: "finished", done: 4 });
  });

  it("no call ever ends as rollout_incomplete after three requeries", async () => {
    const { summary } = await runWith({ faults: [{ mode: "no-call", rate: 1 }] }, {});
    expect(summary.counts).toEqual([{ state: "rejected", reason: "rollout_incomplete", samples: 4 }]);
  });

  it("an endless loop ends at the limit of calls", async () => {
    const { result, summary } = await runWith({ faults: [{ mode: "endless", rate: 1 }] }, { rollout: { maxCalls: 12, attempts: 1 } });
    expect(result.code, result.stderr).toBe(0);
    expect(summary).toMatchObject({ state: "finished", done: 4 });
  });

  it("a context overflow ends the rollout and not the run", async () => {
    const { result, summary, stats } = await runWith({ faults: [{ mode: "context-overflow", rate: 0.15 }] }, { rollout: { attempts: 1 } });
    expect(result.code, result.stderr).toBe(0);
    expect(stats.faults["context-overflow"]).toBeGreaterThan(0);
    expect(summary).toMatchObject({ state: "finished", done: 4 });
  });

  it("10 MB of output is clipped", async () => {
    const { result, summary, stats } = await runWith({ faults: [{ mode: "huge-output", rate: 0.1 }] }, {});
    expect(result.code, result.stderr).toBe(0);
    expect(stats.faults["huge-output"]).toBeGreaterThan(0);
    expect(summary).toMatchObject({ state: "finished", done: 4 });
  });
});

describe("stopping", () => {
  it("Ctrl-C: exit 3, the state is whole, resume finishes", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const teacher = await startRehearsalTeacher({ seed: 5, latencyMs: 50 });
    try {
      const flags = ["--teacher", teacher.url, "--model", teacher.model, "--samples", "8", "--json"];
      const running = startSerac(["run", repo, ...flags], { cwd: folder.path });
      await running.line((line) => line.includes('"step"') || line.includes('"sample"'));
      running.child.kill("SIGINT");
      const stopped = await running.finished;
      expect(stopped.code, stopped.stderr).toBe(3);
      const last = jsonLines(stopped.stdout).at(-1)!;
      expect(stopped.stderr).toContain(`resume ${String(last["runId"])}`);
      expect(last).toMatchObject({ event: "paused", state: "paused" });
      const resumed = await serac(["resume", String(last["runId"]), "--json"], { cwd: folder.path });
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(jsonLines(resumed.stdout).at(-1)).toMatchObject({ event: "finished", state: "finished", done: 8 });
      expect(teacher.stats().conflictingKeys).toBe(0);
    } finally {
      await teacher.close();
    }
  });

  it("at the budget the run pauses with exit 3; a larger budget goes on", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const price = { input: 2, output: 8 };
    const teacher = await startRehearsalTeacher({ seed: 5, price });
    try {
      const config = {
        teacher: { baseUrl: teacher.url, model: teacher.model, concurrency: 2, price },
        plan: { samples: 6 },
        budget: { usd: 0.3 },
      };
      await writeFile(join(folder.path, "serac.yaml"), JSON.stringify(config));
      const paused = await serac(["run", repo, "-c", "serac.yaml", "--json"], { cwd: folder.path });
      expect(paused.code, paused.stderr).toBe(3);
      const last = jsonLines(paused.stdout).at(-1) as { runId: string; spend: { settledMicroUsd: number } };
      expect(last).toMatchObject({ event: "paused", state: "paused" });
      expect(last.spend.settledMicroUsd).toBeLessThanOrEqual(300_000);
      const resumed = await serac(["resume", last.runId, "--budget", "100", "--json"], { cwd: folder.path });
      expect(resumed.code, resumed.stderr).toBe(0);
      const finished = jsonLines(resumed.stdout).at(-1) as { spend: { settledMicroUsd: number } };
      expect(finished.spend.settledMicroUsd).toBe(teacher.stats().costMicroUsd);
    } finally {
      await teacher.close();
    }
  });

  it("a teacher that refuses the key in mid-run pauses it", async () => {
    await using folder = await scratch();
    const repo = await exampleRepository(folder.path);
    const good = await startRehearsalTeacher({ seed: 5, latencyMs: 20 });
    const port = Number(new URL(good.url).port);
    const running = startSerac(["run", repo, "--teacher", good.url, "--model", good.model, "--samples", "8", "--json"], {
      cwd: folder.path,
    });
    await running.line((line) => line.includes('"step"') || line.includes('"sample"'));
    await good.close();
    const bad = await startRehearsalTeacher({ seed: 5, port, apiKey: "another-key" });
    try {
      const stopped = await running.finished;
      expect(stopped.code, stopped.stderr).toBe(3);
      expect(jsonLines(stopped.stdout).at(-1)).toMatchObject({ event: "paused", state: "paused" });
    } finally {
      await bad.close();
    }
  });
});
