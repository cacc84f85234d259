import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { configSchema, type SeracConfig } from "../../../core/config/schema.ts";
import { MENU } from "../../../core/plan/menu.ts";
import { planSamples, plannedSamples, type PlannedSample } from "../../../core/plan/samples.ts";
import type { SourceFunction } from "../../../core/survey/function.ts";
import type { SampleRecord } from "../../../core/svg/sample.ts";

function functionsOf(count: number, lines: (index: number) => number = () => 10): SourceFunction[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `src/m${index % 7}.py::f${index}`,
    path: `src/m${index % 7}.py`,
    name: `f${index}`,
    language: "python",
    startLine: 1,
    endLine: lines(index),
    lines: lines(index),
  }));
}

const configOf = (settings: Partial<SeracConfig["plan"]>, attempts = 3): SeracConfig =>
  configSchema.parse({ plan: settings, rollout: { attempts } });

function plan(functions: readonly SourceFunction[], config: SeracConfig): PlannedSample[] {
  return [...planSamples({ functions, config, runId: "run", createdAt: "2026-01-01T00:00:00.000Z" })];
}

/** Weights that leave exactly these kinds. */
const only = (...ids: string[]): Record<string, number> => Object.fromEntries(MENU.map((kind) => [kind.id, ids.includes(kind.id) ? 1 : 0]));

const brief = (samples: readonly PlannedSample[]): string =>
  samples.map(({ id, function: fn, replica, kinds, seed }) => [id, fn.name, replica, ...kinds, seed].join(" ")).join("\n");

const namesDrawn = (functions: readonly SourceFunction[]): string[] =>
  plan(functions, configOf({ samples: 100 })).map((sample) => sample.function.name);

describe("a plan", () => {
  test("is the same on every machine", () => {
    expect(brief(plan(functionsOf(5), configOf({ samples: 7, perFunction: 2, seed: 42 })))).toMatchInlineSnapshot(`
      "run-s000001 f1 0 general resource-efficiency scalability 115027559743725
      run-s000002 f0 0 side-effects asynchrony performance 7265777712436462
      run-s000003 f2 0 concurrency asynchrony state-consistency 8709774674062193
      run-s000004 f3 0 responsibility initialisation-order observability 629888023593644
      run-s000005 f4 0 modularity validation scalability 1145836008687517
      run-s000006 f1 1 algorithm integration data-transformation 7038782999434093
      run-s000007 f0 1 edge-cases output-correctness responsibility 2625824752726769"
    `);
  });

  test("is made of samples that the store takes as they are", () => {
    const [sample] = plan(functionsOf(1), configOf({ samples: 1 }));
    const record: SampleRecord = sample!;
    expect(record).toMatchObject({
      id: "run-s000001",
      runId: "run",
      index: 0,
      state: "planned",
      attempts: 0,
      updatedAt: "2026-01-01T00:00:00.000Z",
    });
  });

  test("does not depend on the order in which functions were found", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(functionsOf(12), { minLength: 12 }), fc.nat(), (shuffled, seed) => {
        const config = configOf({ samples: 20, perFunction: 2, seed });
        expect(plan(shuffled, config)).toEqual(plan(functionsOf(12), config));
      }),
      { numRuns: 30 },
    );
  });

  test("keeps the drawing order when a function is added", () => {
    const before = namesDrawn(functionsOf(40));
    expect(namesDrawn(functionsOf(41)).filter((name) => name !== "f40")).toEqual(before);
  });

  test("is another one with another seed", () => {
    const functions = functionsOf(60);
    const [a, b] = [1, 2].map((seed) => plan(functions, configOf({ samples: 60, seed })));
    expect(a?.map((sample) => sample.function.name)).not.toEqual(b?.map((sample) => sample.function.name));
    expect(a?.map((sample) => sample.kinds)).not.toEqual(b?.map((sample) => sample.kinds));
  });

  test("draws functions under three lines last, after every replica of the others", () => {
    const samples = plan(
      functionsOf(20, (index) => (index < 8 ? 2 : 3)),
      configOf({ samples: 30, perFunction: 2 }),
    );
    expect(samples.map((sample) => sample.function.lines)).toEqual([...Array(24).fill(3), ...Array(6).fill(2)]);
  });

  test("deals kinds by weight at every length of the plan", () => {
    const kindWeights = { ...only("general", "naming", "coupling"), general: 3 };
    const samples = plan(functionsOf(400), configOf({ samples: 400, kindWeights }));
    for (const length of [5, 10, 50, 200, 400]) {
      const general = samples.slice(0, length).filter((sample) => sample.kinds[0] === "general").length;
      expect(Math.abs(general - length * 0.6)).toBeLessThanOrEqual(1);
    }
  });

  test("gives the most even deal that 51 kinds allow", () => {
    const counts = Map.groupBy(plan(functionsOf(1000), configOf({ samples: 1000 })), (sample) => sample.kinds[0]);
    const sizes = [...counts.values()].map((samples) => samples.length);
    expect(sizes).toHaveLength(51);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });
});

describe("for any repository and settings", () => {
  const settings = fc.record({
    functions: fc.integer({ min: 0, max: 40 }),
    samples: fc.integer({ min: 1, max: 150 }),
    perFunction: fc.integer({ min: 1, max: 6 }),
    attempts: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    weights: fc.dictionary(
      fc.constantFrom(...MENU.map((kind) => kind.id)),
      fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e6, noNaN: true })),
      { maxKeys: 51 },
    ),
    kinds: fc.integer({ min: 1, max: 51 }),
  });

  test("replicas get different kinds, attempts new ones, ids count up, seeds differ", () => {
    fc.assert(
      fc.property(settings, ({ functions, samples, perFunction, attempts, seed, weights, kinds }) => {
        const kindWeights: Record<string, number> = { ...only(...MENU.slice(0, kinds).map((kind) => kind.id)), ...weights, general: 1 };
        const config = configOf({ samples, perFunction, seed, kindWeights }, attempts);
        const open = MENU.filter((kind) => kindWeights[kind.id]! > 0).length;
        const planned = plan(
          functionsOf(functions, (index) => (index % 5) + 1),
          config,
        );

        expect(planned).toHaveLength(Math.min(samples, functions * Math.min(perFunction, open)));
        expect(plannedSamples(functions, config.plan)).toEqual({ planned: planned.length, requested: samples });
        expect(planned.map((sample) => sample.index)).toEqual([...planned.keys()]);
        expect(new Set(planned.map((sample) => sample.seed)).size).toBe(planned.length);
        for (const { kinds: chosen } of planned) {
          expect(new Set(chosen).size).toBe(chosen.length);
          expect(chosen).toHaveLength(Math.min(attempts, open));
          expect(chosen.every((kind) => kindWeights[kind]! > 0)).toBe(true);
        }
        for (const replicas of Map.groupBy(planned, (sample) => sample.function.id).values()) {
          expect(replicas.map((sample) => sample.replica)).toEqual([...replicas.keys()]);
          expect(new Set(replicas.map((sample) => sample.kinds[0])).size).toBe(replicas.length);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("a retry avoids what another replica was planned with, as long as it can", () => {
    const samples = plan(functionsOf(30), configOf({ samples: 90, perFunction: 3 }));
    for (const replicas of Map.groupBy(samples, (sample) => sample.function.id).values()) {
      const planned = replicas.map((sample) => sample.kinds[0]);
      for (const sample of replicas) expect(sample.kinds.slice(1).filter((kind) => planned.includes(kind))).toEqual([]);
    }
  });
});

test("a plan that is gone on with at any sample is the rest of the whole plan", () => {
  const settings = fc.record({
    functions: fc.nat(40),
    short: fc.nat(10),
    samples: fc.integer({ min: 1, max: 200 }),
    perFunction: fc.integer({ min: 1, max: 8 }),
    from: fc.nat(220),
  });
  fc.assert(
    fc.property(settings, ({ functions, short, samples, perFunction, from }) => {
      const found = functionsOf(functions, (index) => (index < short ? 2 : 10));
      const config = configOf({ samples, perFunction });
      const rest = planSamples({ functions: found, config, runId: "run", createdAt: "2026-01-01T00:00:00.000Z", fromIndex: from });
      expect([...rest]).toEqual(plan(found, config).slice(from));
    }),
  );
});
