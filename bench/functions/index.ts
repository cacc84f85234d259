import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Range } from "../../core/plan/range.ts";
import { buildLambdas } from "../../scripts/build-lambdas.ts";
import { newBucket } from "../../test/cloud/bucket.ts";
import { processAt } from "../../test/cloud/caller.ts";
import { startMoto } from "../../test/cloud/moto.ts";
import { newQueues } from "../../test/cloud/queues.ts";
import { functionEnvironment } from "../../test/contract/lambdas/environment.ts";
import { type Cloud, startCloud, type Watcher } from "../../test/e2e/cloud/cloud.ts";
import { countRequests } from "../../test/costs/count.ts";
import { archiveOf, put, reported } from "../../test/e2e/cloud/drops.ts";
import { configFor } from "../../test/e2e/cloud/runs.ts";
import { runJson } from "../process.ts";
import type { Row, Section } from "../section.ts";
import { timeFunctions, type Timings } from "./timings.ts";

const ROUNDS = 15;
const CALLS = 115;
const WORKER_MB = 256;

/** Size and cold import of every function's bundle, and the worker's memory in the longest rollout that there is, on ministack. */
export const functions: Section = {
  name: "functions",
  async run({ log }) {
    const folder = await mkdtemp(join(tmpdir(), "serac-bench-"));
    try {
      const rows: Row[] = [];
      for (const { name, codeBytes } of await buildLambdas(folder)) {
        log(`functions: import of ${name}`);
        const target = name === "worker" ? "< 2 MB, < 200 ms" : "-";
        const serac = `${(codeBytes / 1e6).toFixed(2)} MB, ${(await medianImport(join(folder, name, "index.mjs"))).toFixed(0)} ms`;
        rows.push({ what: `function \`${name}\`: code, cold import`, target, serac, peer: "-" });
      }
      return [...rows, ...(await onMinistack(log)), ...(await requestRows(log))];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function medianImport(bundle: string): Promise<number> {
  const script = `
    globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: {} };
    const startMs = performance.now();
    await import(process.argv[1]);
    console.log(JSON.stringify({ ms: performance.now() - startMs }));
    process.exit(0);
  `;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const args = ["--input-type=module", "-e", script, bundle];
    times.push((await runJson<{ ms: number }>(process.execPath, args, { env: functionEnvironment() })).ms);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

/** The workers have the heap of a function of their size. */
async function onMinistack(log: (line: string) => void): Promise<Row[]> {
  const heap = `--max-old-space-size=${Math.floor(WORKER_MB * 0.9)} --max-semi-space-size=${Math.floor(WORKER_MB * 0.05)}`;
  const folder = await mkdtemp(join(tmpdir(), "serac-bench-"));
  const logFile = join(folder, "functions.log");
  const keepLog = `--import=${new URL("keep-log.ts", import.meta.url).href}`;
  const kept = (options: string) => ({ NODE_OPTIONS: `${options} ${keepLog}`, SERAC_BENCH_LOG: logFile });
  const cloud = await startCloud({ environment: { worker: kept(heap), finish: kept("") } });
  try {
    log("functions: what the functions take themselves");
    const timings = await timeFunctions(cloud, logFile);
    log(`functions: for core/plan/cloud/timed.ts: ${JSON.stringify(timings.timed)}`);
    log(`functions: a rollout of ${CALLS} calls`);
    const { peakMb, calls } = await longRollout(cloud);
    const what = `worker of ${WORKER_MB} MB, rollouts of ${calls} calls: peak RSS`;
    return [...timingRows(timings), { what, target: "< 180 MB", serac: `${peakMb.toFixed(0)} MB`, peer: "-" }];
  } finally {
    await cloud.stop();
    await rm(folder, { recursive: true });
  }
}

function timingRows({ samples, calls, timed, cpuMsPerCall, machineMs }: Timings): Row[] {
  const row = (what: string, serac: string): Row => ({ what, target: "-", serac, peer: "-" });
  const ms = (seconds: number): string => (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0);
  const all = ({ low, likely, high }: Range): string => `${ms(likely)} ms (${ms(low)} to ${ms(high)})`;
  return [
    row(
      `worker, beside reply and command, a call (median and 90 % of ${calls})`,
      `${ms(timed.callSeconds.likely)}, ${ms(timed.callSeconds.high)} ms`,
    ),
    row("worker, CPU a call, all told", `${cpuMsPerCall.toFixed(0)} ms`),
    row(`worker, beside its calls, a rollout (of ${samples} samples; 10 to 90 %)`, all(timed.rolloutSeconds)),
    row("worker, beside its rollouts, a task", all(timed.taskSeconds)),
    row("worker, until a machine ran its first command (here a process)", `${machineMs.toFixed(0)} ms`),
    row("prepare, 1,000 samples", `${(timed.preparedSeconds.likely * 1000).toFixed(1)} s`),
    row(`finish, a sample of ${samples}`, `${ms(timed.finishedSeconds.likely)} ms`),
  ];
}

/** By the same code as test/contract/costs.test.ts. */
async function requestRows(log: (line: string) => void): Promise<Row[]> {
  log("functions: requests of a call, a rollout, a sample");
  const moto = await startMoto();
  try {
    const counted = await countRequests({ s3: await newBucket(moto.endpoint), sqs: await newQueues(moto.endpoint) });
    return Object.entries(counted).map(([name, requests]) => ({
      what: `requests, \`${name}\`: table's write and read units; objects written and read; queue`,
      target: "-",
      serac: `${requests.tableWriteUnits}, ${requests.tableReadUnits}; ${requests.objectWrites}, ${requests.objectReads}; ${requests.queueRequests}`,
      peer: "-",
    }));
  } finally {
    await moto.stop();
  }
}

/** The teacher never submits, so every rollout takes all its calls. */
async function longRollout(cloud: Cloud): Promise<{ readonly peakMb: number; readonly calls: number }> {
  let peakMb = 0;
  let calls = 0;
  const watcher: Watcher = {
    onAnswer: async (name, { path, connection, method }) => {
      const [, entry] = /\/journal\/(\d{6})\.json/.exec(path) ?? [];
      if (name !== "worker" || method !== "PUT" || entry === undefined || Number(entry) % 10 !== 0) return;
      const pid = await processAt(connection);
      if (pid === null) return;
      peakMb = Math.max(peakMb, await peakOf(pid));
      // A call is a reply and its observation.
      calls = Math.max(calls, Math.floor(Number(entry) / 2));
    },
  };
  cloud.watchers.add(watcher);
  const teacher = await cloud.newTeacher();
  const config = configFor(teacher.url, { plan: { samples: 2 }, rollout: { maxCalls: CALLS, attempts: 1 } });
  const endless = { ...config, teacher: { ...config.teacher, model: "rehearsal-fault-endless" } };
  await put(cloud, "drops/long/serac.yaml", JSON.stringify(endless));
  await put(cloud, "drops/long/repo.tar.gz", archiveOf(join(import.meta.dirname, "../../test/examples/parcels")));
  await reported(cloud, "long", ({ state }) => state === "finished" || state === "failed");
  return { peakMb, calls };
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1000;
}
