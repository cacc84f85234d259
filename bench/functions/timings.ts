import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Journal } from "../../core/agent/journal.ts";
import type { TIMED } from "../../core/plan/cloud/timed.ts";
import type { Range } from "../../core/plan/range.ts";
import { describeStreamId, firstRolloutId, judgeStreamId } from "../../core/svg/names.ts";
import type { SampleRecord } from "../../core/svg/sample.ts";
import { createS3Journal } from "../../drivers/s3/index.ts";
import type { Cloud, Watcher } from "../../test/e2e/cloud/cloud.ts";
import { archiveOf, put, reported, until } from "../../test/e2e/cloud/drops.ts";
import { configFor, openApi, samplesOf, storeOf } from "../../test/e2e/cloud/runs.ts";
import { ownTimeOf, type OwnTime } from "./own-time.ts";
import { median, quantile, sum } from "./statistics.ts";

export interface Timings {
  readonly samples: number;
  readonly calls: number;
  /** Seconds. */
  readonly timed: Record<keyof typeof TIMED, Range>;
  /** CPU of the worker for each call, all told. */
  readonly cpuMsPerCall: number;
  /** Until the first command of a machine ran; the machines are processes here. */
  readonly machineMs: number;
}

const SAMPLES = 8;
/** Of the plan that is made only to be measured. */
const PLANNED = 1000;
const PARCELS = join(import.meta.dirname, "../../test/examples/parcels");

/** What the functions take themselves, from their log and the journals of a run with the rehearsal teacher. */
export async function timeFunctions(cloud: Cloud, logFile: string): Promise<Timings> {
  const runId = await wholeRun(cloud);
  // The run is finished a moment before the function has said so.
  const lines = await until(async () => {
    const all = await linesOf(logFile, runId);
    return all.some(({ run }) => run === runId) && all;
  });
  const samples = await samplesOf(storeOf(cloud), runId);
  const own = await ownTimes(cloud, samples, lines);
  const preparedMs = await planningMs(cloud);
  const finishedMs = sum(lines.filter(({ run }) => run === runId).map(({ durationMs }) => durationMs)) / samples.length;
  const calls = own.flatMap((time) => time.calls);
  const cpuMsPerCall = median(own.map((time) => time.cpuPerCall));
  return {
    samples: own.length,
    calls: calls.length,
    cpuMsPerCall,
    machineMs: median(own.flatMap((time) => time.machines)),
    timed: {
      callSeconds: { low: cpuMsPerCall / 1000, likely: median(calls) / 1000, high: quantile(calls, 0.9) / 1000 },
      rolloutSeconds: rangeOfSeconds(own.map((time) => time.rollout)),
      taskSeconds: rangeOfSeconds(own.map((time) => time.task)),
      preparedSeconds: aroundSeconds(preparedMs),
      finishedSeconds: aroundSeconds(finishedMs),
    },
  };
}

const rangeOfSeconds = (ms: readonly number[]): Range => ({
  low: quantile(ms, 0.1) / 1000,
  likely: median(ms) / 1000,
  high: quantile(ms, 0.9) / 1000,
});

/** Measured once: half and twice of it. */
const aroundSeconds = (ms: number): Range => ({ low: ms / 2000, likely: ms / 1000, high: ms / 500 });

/** One sample after the other: workers are not to wait for each other. */
async function dropped(cloud: Cloud, name: string, plan: object): Promise<void> {
  const { url } = await cloud.newTeacher();
  const config = configFor(url, { plan });
  await put(cloud, `drops/${name}/serac.yaml`, JSON.stringify({ ...config, teacher: { ...config.teacher, concurrency: 1 } }));
  await put(cloud, `drops/${name}/repo.tar.gz`, archiveOf(PARCELS));
}

async function wholeRun(cloud: Cloud): Promise<string> {
  await dropped(cloud, "timed", { samples: SAMPLES });
  const { run } = await reported(cloud, "timed", (report) => report.run?.state === "finished");
  return run!.id;
}

/** Of a sample: from the first transaction that writes samples of a large plan to the last. The run is cancelled then. */
async function planningMs(cloud: Cloud): Promise<number> {
  const writtenMs: number[] = [];
  const watcher: Watcher = {
    onAnswer: async (name, { headers }) => {
      if (name === "prepare" && String(headers["x-amz-target"]).endsWith("TransactWriteItems")) writtenMs.push(Date.now());
    },
  };
  cloud.watchers.add(watcher);
  await dropped(cloud, "planned", { samples: PLANNED, perFunction: 51 });
  const { run } = await reported(cloud, "planned", (report) => report.run?.state === "running");
  cloud.watchers.delete(watcher);
  await (await openApi(cloud)).cancelRun(run!.id);
  const [firstMs, lastMs] = [Math.min(...writtenMs), Math.max(...writtenMs)];
  return ((lastMs - firstMs) * writtenMs.length) / (writtenMs.length - 1) / run!.planned;
}

interface TaskLine {
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly time: string;
  readonly outcome: string;
  readonly run?: string;
  readonly sample?: string;
}

async function linesOf(logFile: string, runId: string): Promise<TaskLine[]> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1);
  const tasks: TaskLine[] = lines.map((line) => JSON.parse(line));
  return tasks.filter(({ run, sample }) => run === runId || sample?.startsWith(runId) === true);
}

/** Of the samples that one task brought to their end. */
async function ownTimes(cloud: Cloud, samples: readonly SampleRecord[], lines: readonly TaskLine[]): Promise<OwnTime[]> {
  const journal = createS3Journal({ client: cloud.clients.s3, bucket: cloud.names.bucket });
  const times: OwnTime[] = [];
  for (const sample of samples) {
    // A task that takes longer than the queues of the tests hide it comes again: it finds the sample in good hands, or done.
    const [line] = lines.filter((own) => own.sample === sample.id && own.outcome !== "busy");
    if (line?.outcome !== "done") continue;
    const endMs = Date.parse(line.time);
    const { rollouts, others } = await journalsOf(journal, sample);
    times.push(ownTimeOf({ startMs: endMs - line.durationMs, endMs, cpuMs: line.cpuMs, rollouts, others }));
  }
  if (times.length === 0) throw new Error("No sample can be timed.");
  return times;
}

async function journalsOf(journal: Journal, { id, attempts, secondRolloutId: second }: SampleRecord) {
  const firsts = Array.from({ length: attempts }, (_, at) => firstRolloutId(id, at + 1));
  const read = (streams: readonly string[]) => Promise.all(streams.map((stream) => journal.read(stream)));
  const [rollouts, others] = await Promise.all([
    read(second === null ? firsts : [...firsts, second]),
    read([...firsts.map(judgeStreamId), describeStreamId(id)]),
  ]);
  return { rollouts, others };
}
