import { configSchema } from "../../core/config/schema.ts";
import { planSamples } from "../../core/plan/samples.ts";
import { openWindow } from "../../core/control/window.ts";
import type { SourceFunction } from "../../core/survey/function.ts";
import { OWN_DEMONSTRATIONS } from "../../core/svg/describe/demonstrations.ts";
import { demonstrationsKey } from "../../core/svg/names.ts";
import type { StatePlatform } from "../../core/svg/platform.ts";
import type { SampleRecord } from "../../core/svg/sample.ts";
import { linesOf, pathOf } from "./memory-files.ts";

export const RUN_ID = "simulated-20260101-000000-0000";
const BATCH = 500;

const PRICE = { input: 0.6, cachedInput: 0.1, output: 2.2 };
/** What a sample costs at most times, and what a call in flight holds: the budget is enough, but not by much. */
const SAMPLE_MICRO_USD = 13_000;
export const HELD_MICRO_USD = 15_000;

/** One function in two hundred is its neighbour by another name: their patches are the same. */
export const twinOf = (index: number): number => (index % 200 === 1 ? index - 1 : index);

function functionAt(index: number): SourceFunction {
  const own = twinOf(index);
  const name = `area_${own}`;
  const lines = linesOf(own).length;
  return { id: `${pathOf(own)}::${name}#${index}`, path: pathOf(own), name, language: "python", startLine: 1, endLine: lines, lines };
}

export interface SimulatedSize {
  readonly samples: number;
  readonly workers: number;
  /** The run's teacher.concurrency. */
  readonly concurrency: number;
  readonly budgetShare: number;
}

/** Writes the run and its plan down as the prepare function does, and gives the first samples their tasks. */
export async function prepareSimulatedRun(
  platform: StatePlatform,
  { samples, workers, concurrency, budgetShare }: SimulatedSize,
  onSample: (sample: SampleRecord) => void,
): Promise<void> {
  const { store, artifacts, clock } = platform;
  const createdAt = new Date(clock.now()).toISOString();
  const budgetMicroUsd = Math.floor((samples * SAMPLE_MICRO_USD + workers * HELD_MICRO_USD) * budgetShare);
  const config = configSchema.parse({
    teacher: { baseUrl: "http://teacher.invalid/v1", model: "simulated", price: PRICE, concurrency },
    plan: { samples },
    budget: { usd: budgetMicroUsd / 1e6 },
  });
  await artifacts.put(demonstrationsKey(RUN_ID), Buffer.from(JSON.stringify(OWN_DEMONSTRATIONS)));
  await store.createRun({
    id: RUN_ID,
    name: "simulated",
    config,
    repository: "simulated.tar.gz",
    commit: null,
    state: "preparing",
    detail: null,
    rehearsal: true,
    sandbox: null,
    planned: 0,
    functions: 0,
    createdAt,
    updatedAt: createdAt,
  });
  await store.setBudget(RUN_ID, budgetMicroUsd);
  const functions = Array.from({ length: samples }, (_, index) => functionAt(index));
  const plan = [...planSamples({ functions, config, runId: RUN_ID, createdAt })];
  plan.forEach(onSample);
  for (let at = 0; at < plan.length; at += BATCH) await store.addSamples(plan.slice(at, at + BATCH));
  const sandbox = { provider: "microvm", directory: "simulated", baseCommit: "" } as const;
  const change = { state: "running", planned: plan.length, functions: samples, sandbox } as const;
  await openWindow(platform, await store.changeRun(RUN_ID, ["preparing"], change));
}
