import { InputError } from "../../errors/index.ts";
import { planSamples } from "../../plan/samples.ts";
import type { SourceFunction } from "../../survey/function.ts";
import { surveyRepository } from "../../survey/index.ts";
import { functionsKey, skippedKey } from "../names.ts";
import type { Platform } from "../platform.ts";
import type { SampleRecord } from "../sample.ts";
import { sandboxLimits } from "../sandbox-limits.ts";
import type { RunRecord } from "../store.ts";
import type { ExecuteOptions } from "./options.ts";

const BATCH = 500;
const MINUTE_MS = 60_000;

/** Snapshot, install, survey, plan. Each part is idempotent, so a run that died in the middle does it again and gets the same. */
export async function prepareRun(platform: Platform, run: RunRecord, options: ExecuteOptions): Promise<RunRecord> {
  if (run.planned > 0) return run;
  const { config } = run;

  options.onEvent({ event: "stage", stage: "snapshot" });
  if (config.environment.install.length > 0)
    options.onEvent({ event: "stage", stage: "install", detail: config.environment.install.join("; ") });
  const sandbox = await platform.sandbox.prepare({
    source: options.repository,
    directory: options.sandboxDirectory,
    install: config.environment.install,
    timeoutMs: config.environment.timeoutMinutes * MINUTE_MS,
    limits: sandboxLimits(config),
    signal: options.signal,
  });

  options.onEvent({ event: "stage", stage: "survey" });
  const { functions, summary } = await surveyRepository(
    options.repository,
    { ...config.survey, ...config.repo },
    { signal: options.signal },
  );
  options.onEvent({ event: "surveyed", ...summary });
  if (functions.length === 0) throw noFunctions(run, summary.files, summary.skipped.length);
  await platform.artifacts.put(functionsKey(run.id), lines(functions));
  await platform.artifacts.put(skippedKey(run.id), lines(summary.skipped));
  options.signal.throwIfAborted();

  options.onEvent({ event: "stage", stage: "plan" });
  const planned = await planAll(platform, run, functions);
  options.onEvent({ event: "planned", samples: planned, requested: config.plan.samples });
  return platform.store.changeRun(run.id, ["preparing"], { state: "running", sandbox, functions: functions.length, planned });
}

async function planAll(platform: Platform, run: RunRecord, functions: readonly SourceFunction[]): Promise<number> {
  let planned = 0;
  let batch: SampleRecord[] = [];
  const flush = async (): Promise<void> => {
    await platform.store.addSamples(batch);
    planned += batch.length;
    batch = [];
  };
  for (const sample of planSamples({ functions, config: run.config, runId: run.id, createdAt: run.createdAt })) {
    batch.push(sample);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return planned;
}

function noFunctions(run: RunRecord, files: number, skipped: number): InputError {
  return new InputError("no_functions", `No functions were found in ${run.repository} (${files} source files read, ${skipped} skipped).`, {
    hint: "`serac survey <repo>` lists what was skipped and why; repo.include, repo.exclude and survey.skipTests in serac.yaml decide.",
  });
}

async function* lines(rows: readonly unknown[]): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < rows.length; at += BATCH) {
    const text = rows.slice(at, at + BATCH).map((row) => `${JSON.stringify(row)}\n`);
    yield Buffer.from(text.join(""));
  }
}
