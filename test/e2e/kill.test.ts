import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openHome } from "../../drivers/sqlite/index.ts";
import { startRehearsalTeacher } from "../../drivers/rehearsal/index.ts";
import { exampleRepository, jsonLines, scratch, serac, startSerac } from "./serac.ts";

const KILLS = 20;
const CONCURRENCY = 6;
const PRICE = { input: 0.37, cachedInput: 0.041, output: 1.13 };

/** Small and repeatable, so that a failing run can be run again with the same moments. Source: Park and Miller, 1988. */
function moments(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

it(`kill -9 at ${KILLS} random moments: one result a sample, no paid call repeated, totals agree to the micro-dollar`, async () => {
  await using folder = await scratch();
  const repo = await exampleRepository(folder.path);
  const teacher = await startRehearsalTeacher({ seed: 11, price: PRICE, latencyMs: 40 });
  try {
    const config = {
      name: "killed",
      teacher: { baseUrl: teacher.url, model: teacher.model, concurrency: CONCURRENCY, price: PRICE },
      plan: { samples: 36, seed: 3 },
      verify: { threshold: 0.5 },
    };
    await writeFile(join(folder.path, "serac.yaml"), JSON.stringify(config));
    const options = { cwd: folder.path };
    const random = moments(20_260);

    const first = startSerac(["run", repo, "-c", "serac.yaml", "--json"], options);
    const started = jsonLines(`${await first.line((line) => line.includes('"started"'))}\n`)[0]!;
    const runId = String(started["runId"]);

    let kills = 0;
    let running = first;
    while (kills < KILLS) {
      await new Promise((wake) => setTimeout(wake, 150 + random() * 900));
      if (running.child.exitCode !== null) break;
      running.child.kill("SIGKILL");
      await running.finished;
      kills += 1;
      running = startSerac(["resume", runId, "--json"], options);
      await running.line((line) => line.includes('"started"'));
    }
    const last = await running.finished;
    expect(kills, "the run ended before all kills: give it more samples").toBe(KILLS);
    expect(last, last.stderr).toMatchObject({ code: 0 });
    expect(jsonLines(last.stdout).at(-1)).toMatchObject({ event: "finished", state: "finished" });

    const home = openHome(join(folder.path, ".serac"));
    try {
      const samples = await home.store.listSamples(runId, { limit: 1000 });
      expect(samples).toHaveLength(36);
      expect(samples.filter(({ state }) => !["accepted", "rejected", "failed"].includes(state))).toEqual([]);
      expect(samples.filter(({ state }) => state === "failed")).toEqual([]);
      expect(samples.some(({ state }) => state === "accepted")).toBe(true);

      // Every call that the teacher was paid for is settled once, at its price; a reply that died on the wire came again for free.
      const spend = await home.store.spend(runId);
      const paid = teacher.stats();
      expect(paid.conflictingKeys).toBe(0);
      expect(spend.settledCalls).toBe(paid.paidCalls);
      expect(spend.settledMicroUsd).toBe(paid.costMicroUsd);
      expect(spend.usage).toEqual(paid.usage);
      expect(spend).toMatchObject({ reservedCalls: 0, reservedMicroUsd: 0 });
      // Only calls in flight at a kill can be asked again.
      expect(paid.repeatedKeys).toBeLessThanOrEqual(KILLS * CONCURRENCY);
      expect(samples.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0)).toBe(spend.settledMicroUsd);
    } finally {
      home.close();
    }
    const again = await serac(["resume", runId, "--json"], options);
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toContain("run_not_resumable");
  } finally {
    await teacher.close();
  }
});
