import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { configSchema } from "../../core/config/schema.ts";
import type { ControlPlatform, Workshop } from "../../core/control/platform.ts";
import { openWindow } from "../../core/control/window.ts";
import { workTask } from "../../core/control/work.ts";
import { exportRun } from "../../core/dataset/export.ts";
import type { Clock } from "../../core/errors/clock.ts";
import type { COUNTED } from "../../core/plan/cloud/counted.ts";
import { REQUESTS, type Requests, totalRequests } from "../../core/plan/cloud/requests.ts";
import { sampleIdOf } from "../../core/plan/sample-id.ts";
import { OWN_DEMONSTRATIONS } from "../../core/svg/describe/demonstrations.ts";
import { demonstrationsKey } from "../../core/svg/names.ts";
import { planRun } from "../../core/svg/pipeline/plan.ts";
import type { RunRecord } from "../../core/svg/store.ts";
import { storeIn } from "../../drivers/dynamodb/store.ts";
import { patientTable } from "../../drivers/dynamodb/table/patient-table.ts";
import { createS3Artifacts, createS3DatasetSink, createS3Journal } from "../../drivers/s3/index.ts";
import { createSqsQueue, type SqsQueues } from "../../drivers/sqs/index.ts";
import { linesOf, pathOf } from "../simulation/memory-files.ts";
import { sandboxFor } from "../simulation/memory-sandbox.ts";
import { billClients } from "./billed-clients.ts";
import { billedTable } from "./billed-table.ts";
import { newMeter } from "./requests.ts";
import { type Script, scriptedTeacher } from "./script.ts";

export interface Emulated {
  readonly s3: { readonly client: S3Client; readonly bucket: string };
  readonly sqs: { readonly client: SQSClient; readonly queues: SqsQueues["queues"] };
}

export type Counted = Record<keyof typeof COUNTED, Requests>;

const RUN_ID = "counted-20260101-000000-0000";
const SAMPLES = 1000;
const SHORT = 5;
const LONG = 15;
const LATER = 8;
const MORE = 4;
const NOON_MS = Date.parse("2026-01-01T12:00:00Z");
const HOUR_MS = 3_600_000;
/** Calls, enough for the run's budget to have been shared out among the table's items. */
const WARM_UP = 500;

/**
 * Counts what the real engine, store and drivers ask of the table (in memory), of S3 and of SQS (emulated), by working on samples that
 * differ in one thing. The same code gives the same counts.
 */
export async function countRequests({ s3, sqs }: Emulated): Promise<Counted> {
  const meter = newMeter();
  billClients(meter, { s3: s3.client, sqs: sqs.client });
  let lateMs = 0;
  let stamps = 0;
  const clock: Clock = { now: () => NOON_MS + lateMs, sleep: untilAborted };
  const patience = { clock, random: () => 0, tableName: "counted" };
  const store = storeIn({ table: patientTable(billedTable(meter), patience), clock, newStamp: () => String(stamps++).padStart(36, "0") });
  const notHere = (): Promise<never> => Promise.reject(new Error("no sample needs this"));
  const platform: ControlPlatform = {
    store,
    drops: store,
    keys: store,
    models: store,
    training: null,
    version: "0.0.0-test",
    clock,
    journal: createS3Journal({ ...s3, clock }),
    artifacts: createS3Artifacts(s3),
    queue: createSqsQueue({ ...sqs, clock }),
    links: { download: notHere, upload: notHere },
    factsOf: notHere,
  };
  const scripts = new Map<number, Script>();
  const teacher = scriptedTeacher(
    (index) => scripts.get(index)!,
    () => {
      lateMs += HOUR_MS;
    },
  );
  const workshop: Workshop = {
    archives: { open: notHere },
    teacher: () => Promise.resolve(teacher),
    sandbox: () => Promise.resolve(sandboxFor(machineAt(clock))),
    exportDataset: notHere,
    exportTrainingData: notHere,
    jobs: notHere,
  };

  const run = await newRun(platform);
  meter.take();
  const functions = Array.from({ length: SAMPLES }, (_, index) => functionAt(index));
  await planRun(platform, run, functions, 0, () => false);
  const prepared = perUnit(meter.take(), SAMPLES);
  const sandbox = { provider: "microvm", directory: "counted", baseCommit: "" } as const;
  const change = { state: "running", planned: SAMPLES, functions: SAMPLES, sandbox } as const;
  await openWindow(platform, await store.changeRun(RUN_ID, ["preparing"], change));

  /** Each task is of a function that has just started. */
  const work = async (index: number, script: Script): Promise<Requests> => {
    scripts.set(index, script);
    meter.take();
    for (;;) {
      const options = { deadlineMs: clock.now() + HOUR_MS / 2, owner: "counted:00000000-0000-0000-0000-000000000000", signal: never };
      const outcome = await workTask({ ...platform }, workshop, sampleIdOf(RUN_ID, index), options);
      if (outcome === "done") return meter.take();
      if (outcome !== "continue") throw new Error(`The sample of the count is ${outcome}.`);
    }
  };
  for (let call = 0; call < WARM_UP; call++) {
    await store.reserve(RUN_ID, `${RUN_ID}-s000000-first1/${call}`, 1);
    await store.release(RUN_ID, `${RUN_ID}-s000000-first1/${call}`);
  }
  let next = 0;
  const usual = await work(next++, { calls: SHORT });
  const longer = await work(next++, { calls: LONG });
  const again = await work(next++, { calls: SHORT, refused: 1 });
  const stoppedEarly = await work(next++, { calls: LONG, stopAfter: 3 });
  const stoppedLate = await work(next++, { calls: LONG, stopAfter: 3 + LATER });

  // A call of each of two rollouts for every call more.
  const call = perUnit(minus(longer, usual), 2 * (LONG - SHORT));
  const rollout = minus(
    again,
    totalRequests([
      [1, usual],
      [SHORT, call],
    ]),
  );
  const sample = minus(
    usual,
    totalRequests([
      [2, rollout],
      [2 * SHORT, call],
    ]),
  );
  const continuationCall = perUnit(minus(stoppedLate, stoppedEarly), LATER);
  const continuation = minus(
    stoppedEarly,
    totalRequests([
      [1, longer],
      [3, continuationCall],
    ]),
  );
  const read = async (use: () => Promise<unknown>): Promise<Requests> => {
    await use();
    return meter.take();
  };
  const look = await read(() => store.getRun(RUN_ID));
  const lease = (await store.acquireLease(sampleIdOf(RUN_ID, next - 1), "counted", 60_000))!;
  meter.take();
  const renewal = await read(() => store.renewLease(lease, 60_000));

  const exported = async (): Promise<Requests> => {
    const sink = createS3DatasetSink({ ...s3, prefix: "datasets/counted/" });
    meter.take();
    return read(() => exportRun(platform, RUN_ID, { format: "hermes", sink, version: "0.0.0" }));
  };
  await exported();
  // The second export finds what the first one counted.
  const few = await exported();
  for (let done = 0; done < MORE; done++) await work(next++, { calls: SHORT });
  const finished = perUnit(minus(await exported(), few), MORE);

  return rounded({ call, rollout, sample, continuation, continuationCall, look, renewal, prepared, finished });
}

/** Time stands still: what is done every some seconds is counted by itself. */
const untilAborted: Clock["sleep"] = (_ms, signal) =>
  new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));

const never = new AbortController().signal;

async function newRun({ store, artifacts, clock }: ControlPlatform): Promise<RunRecord> {
  const config = configSchema.parse({
    teacher: { baseUrl: "http://teacher.invalid/v1", model: "scripted", price: { input: 0.6, cachedInput: 0.1, output: 2.2 } },
    plan: { samples: SAMPLES },
    budget: { usd: 1_000 },
  });
  const createdAt = new Date(clock.now()).toISOString();
  const run: RunRecord = {
    id: RUN_ID,
    name: "counted",
    config,
    repository: "counted.tar.gz",
    commit: null,
    state: "preparing",
    detail: null,
    rehearsal: true,
    sandbox: null,
    planned: 0,
    functions: 0,
    createdAt,
    updatedAt: createdAt,
  };
  await artifacts.put(demonstrationsKey(RUN_ID), Buffer.from(JSON.stringify(OWN_DEMONSTRATIONS)));
  await store.createRun(run);
  await store.setBudget(RUN_ID, config.budget.usd! * 1e6);
  return run;
}

function functionAt(index: number) {
  const lines = linesOf(index).length;
  const name = `area_${index}`;
  return { id: `${pathOf(index)}::${name}`, path: pathOf(index), name, language: "python" as const, startLine: 1, endLine: lines, lines };
}

/** One that lives, and does at once what it is asked. */
function machineAt(clock: Clock): Parameters<typeof sandboxFor>[0] {
  return {
    name: "counted",
    clock,
    isDead: () => false,
    wait: () => Promise.resolve(),
    ask: async (_ms, effect) => effect(),
    doom: () => {},
    awaits: () => 0,
  };
}

const minus = (a: Requests, b: Requests): Requests =>
  totalRequests([
    [1, a],
    [-1, b],
  ]);
const perUnit = (requests: Requests, units: number): Requests => totalRequests([[1 / units, requests]]);

/** To thousandths: what a batch of ten or a page of a thousand costs, shared out. */
function rounded(counted: Counted): Counted {
  const round = (requests: Requests): Requests =>
    Object.fromEntries(REQUESTS.map((what) => [what, Math.round(requests[what] * 1000) / 1000 + 0])) as unknown as Requests;
  return Object.fromEntries(Object.entries(counted).map(([name, requests]) => [name, round(requests)])) as Counted;
}
