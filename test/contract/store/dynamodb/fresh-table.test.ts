import { expect, test } from "vitest";
import { planRun } from "../../../../core/svg/pipeline/plan.ts";
import type { SourceFunction } from "../../../../core/survey/function.ts";
import { configSchema } from "../../../../core/config/schema.ts";
import { storeIn } from "../../../../drivers/dynamodb/store.ts";
import { patientTable } from "../../../../drivers/dynamodb/table/patient-table.ts";
import { createMachine } from "../../../simulation/machine.ts";
import { memoryTable } from "../../../simulation/memory-table.ts";
import { tableFor } from "../../../simulation/simulated-table.ts";
import { createTraffic } from "../../../simulation/traffic.ts";
import { createWorld } from "../../../simulation/world.ts";
import { runRecord } from "../sample-data.ts";

/**
 * What a table on demand takes from its first second on; more only after it has been asked for more for a while.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */
const FRESH_UNITS_PER_SECOND = 4_000;
/** A sample of these has less than a KiB, and a transaction costs twice. */
const UNITS_A_SAMPLE = 2;

const functionsOf = (count: number): SourceFunction[] =>
  Array.from({ length: count }, (_, n) => {
    const id = `src/module_${n}.py::work`;
    return { id, path: `src/module_${n}.py`, name: "work", language: "python", startLine: 1, endLine: 9, lines: 9 };
  });

/** Plans are written by as many functions at once, each as the prepare function does it: again from where it came to. */
async function writePlans(plans: number, samples: number) {
  const world = createWorld(7);
  const traffic = createTraffic(world.now);
  const table = {
    memory: memoryTable(),
    traffic,
    world,
    locked: new Set<string>(),
    conflicts: { count: 0 },
    writeUnitsPerSecond: FRESH_UNITS_PER_SECOND,
  };
  let stamps = 0;
  const clockOf = (name: string) => createMachine(name, world, () => {}).clock;
  const storeOf = (name: string) => {
    const machine = createMachine(name, world, () => {});
    const patience = { clock: machine.clock, random: world.random, tableName: name };
    return storeIn({ table: patientTable(tableFor(machine, table), patience), clock: machine.clock, newStamp: () => String(stamps++) });
  };
  const functions = functionsOf(samples);
  const config = configSchema.parse({ plan: { samples } });
  let left = plans;
  const write = async (id: string): Promise<void> => {
    const store = storeOf(id);
    const run = runRecord({ id, config });
    await store.createRun(run);
    for (let next = 0; next < samples;) {
      const written = await planRun({ store, clock: clockOf(id) }, run, functions, next, () => false);
      next = written.outcome === "done" ? written.planned : written.nextIndex;
    }
    left -= 1;
  };
  const beganMs = world.now();
  const writing = Promise.all(Array.from({ length: plans }, (_, n) => write(`run${n}`)));
  await world.run(() => left === 0);
  await writing;
  const seconds = (world.now() - beganMs) / 1000;
  const store = storeOf("status");
  const counting = Promise.all(Array.from({ length: plans }, (_, n) => store.countSamples(`run${n}`)));
  let isCounted = false;
  void counting.then(() => (isCounted = true));
  await world.run(() => isCounted);
  return { seconds, counts: await counting, busiest: traffic.figures().tableUnitsPerSecond };
}

test.each([
  [1, 10_000],
  [10, 1_000],
])("%i plans of %i samples each are written to a fresh table as fast as it takes them, and none fails", async (plans, samples) => {
  const { seconds, counts, busiest } = await writePlans(plans, samples);
  for (const count of counts) expect(count).toEqual([{ state: "planned", reason: null, samples }]);
  expect(busiest).toBeGreaterThan(FRESH_UNITS_PER_SECOND);
  const least = (plans * samples * UNITS_A_SAMPLE) / FRESH_UNITS_PER_SECOND;
  expect(seconds).toBeGreaterThan(least * 0.7);
  expect(seconds).toBeLessThan(least * 3);
});
