import { createHash } from "node:crypto";
import { join } from "node:path";
import { CLOUD_QUEUES, type CloudQueue } from "../../../../core/config/cloud/names.ts";
import { configSchema, type ConfigInput, type SeracConfig } from "../../../../core/config/schema.ts";
import { readFinishMessage, readPrepareMessage } from "../../../../core/control/messages.ts";
import { finishTask } from "../../../../core/control/finish.ts";
import { prepareTask } from "../../../../core/control/prepare.ts";
import { startRun } from "../../../../core/control/start.ts";
import { trainTask } from "../../../../core/control/training/train-task.ts";
import { workTask, type WorkOptions } from "../../../../core/control/work.ts";
import type { ControlPlatform, Workshop } from "../../../../core/control/platform.ts";
import type { DropResult } from "../../../../core/control/drops/result.ts";
import type { Clock } from "../../../../core/errors/clock.ts";
import { InputError, SeracError } from "../../../../core/errors/index.ts";
import type { RunRecord } from "../../../../core/svg/store.ts";
import { openFileArtifacts } from "../../../../drivers/files/index.ts";
import { openHome } from "../../../../drivers/sqlite/index.ts";
import { memoryRepository, type Files } from "../../../unit/agent/support/repository.ts";
import { steppedClock, type SteppedClock } from "./clock.ts";
import { testSandbox, type TestSandbox } from "./sandbox.ts";
import { testJobs, type TestJobs } from "./jobs.ts";
import { putTrainingData, TRAINING } from "./training.ts";
import { testTeacher, type TestTeacher } from "./teacher.ts";
import { removeFolder, temporaryFolder } from "../../../folder.ts";

export interface Place extends AsyncDisposable {
  readonly platform: ControlPlatform;
  readonly workshop: Workshop;
  readonly clock: SteppedClock;
  readonly sandbox: TestSandbox;
  readonly teacher: TestTeacher;
  /** Runs that were exported, each time. */
  readonly exported: string[];
  /** Models whose data was written, each time. */
  readonly trainingData: string[];
  readonly jobs: TestJobs;
  put(key: string, content: string): Promise<void>;
  start(settings?: ConfigInput, files?: Files): Promise<RunRecord>;
  /** The same, prepared: its samples have their tasks, and none was begun. Returns its id. */
  running(settings?: ConfigInput, files?: Files): Promise<string>;
  /** Does the tasks of the queues, of all by default, until there is none left. */
  drain(options?: Partial<WorkOptions>, queues?: readonly CloudQueue[]): Promise<void>;
  run(runId: string): Promise<RunRecord>;
  result(drop: string): Promise<DropResult>;
}

export const FILES: Files = {
  "src/cart.py": "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n    return result\n",
};

/** A repository with so many functions. */
export const filesWith = (functions: number): Files => ({
  "src/many.py": Array.from({ length: functions }, (_, n) => `def work_${n}(value):\n    total = value + ${n}\n    return total\n`).join(
    "\n",
  ),
});

export const TEACHER = { baseUrl: "http://127.0.0.1:9/v1", model: "test", price: { input: 1, output: 3 } };
export const YAML = JSON.stringify({ teacher: TEACHER, plan: { samples: 3, perFunction: 3 } });
export const archiveOf = (files: Files): string => JSON.stringify(files);

/** The control platform on embedded drivers; archives are JSON objects of files. Its own clock stands still unless a real one is given. */
export async function controlPlace(realClock?: Clock): Promise<Place> {
  const folder = temporaryFolder();
  const clock = steppedClock();
  const home = openHome(join(folder, "home"), realClock ?? clock);
  const artifacts = await openFileArtifacts(join(folder, "artifacts"));
  const claims = new Map<string, string>();
  const sandbox = testSandbox();
  const teacher = testTeacher();
  const exported: string[] = [];
  const trainingData: string[] = [];
  const jobs = testJobs(() => (realClock ?? clock).now());
  const missing = (): Promise<never> => Promise.reject(new Error("not part of these tests"));
  const platform: ControlPlatform = {
    store: home.store,
    journal: home.journal,
    queue: home.queue,
    artifacts,
    clock: realClock ?? clock,
    links: { download: missing, upload: missing },
    keys: { findKey: missing, addKey: missing, listKeys: missing, revokeKey: missing },
    models: home.models,
    training: TRAINING,
    version: "0.0.0-test",
    drops: {
      claimDrop: (name, version, runId) => {
        const key = `${name}/${version}`;
        claims.set(key, claims.get(key) ?? runId);
        return Promise.resolve(claims.get(key)!);
      },
    },
    factsOf: async (key) => {
      if (!(await artifacts.exists(key))) return null;
      const bytes = await artifacts.get(key);
      return { bytes: bytes.length, version: createHash("md5").update(bytes).digest("hex") };
    },
  };
  const workshop: Workshop = {
    archives: { open: async (key, { origin }) => ({ ...memoryRepository(await unpacked(platform, key)), origin, notes: ["One note."] }) },
    teacher: () => Promise.resolve(teacher),
    sandbox: () => Promise.resolve(sandbox),
    exportDataset: (runId) => {
      exported.push(runId);
      return Promise.resolve({ location: `datasets/${runId}` });
    },
    exportTrainingData: async (model) => {
      trainingData.push(model.id);
      return putTrainingData(artifacts, model);
    },
    jobs: () => Promise.resolve(jobs),
  };
  const place: Place = {
    platform,
    workshop,
    clock,
    sandbox,
    teacher,
    exported,
    trainingData,
    jobs,
    put: (key, content) => artifacts.put(key, Buffer.from(content)),
    start: async (settings = {}, files = FILES) => {
      await place.put("uploads/one", archiveOf(files));
      return startRun(platform, {
        config: configOf(settings),
        name: "unit",
        archive: { key: "uploads/one", drop: null },
        demonstrations: [],
      });
    },
    running: async (settings, files) => {
      const { id } = await place.start(settings, files);
      await place.drain({}, ["prepare"]);
      return id;
    },
    drain: (options, queues) => drain(place, options, queues),
    run: async (runId) => (await platform.store.getRun(runId))!,
    result: async (drop) => JSON.parse(Buffer.from(await artifacts.get(`drops/${drop}/result.json`)).toString()) as DropResult,
    async [Symbol.asyncDispose]() {
      home.close();
      await removeFolder(folder);
    },
  };
  return place;
}

export const configOf = (settings: ConfigInput = {}): SeracConfig =>
  configSchema.parse({ teacher: TEACHER, plan: { samples: 3, perFunction: 3 }, ...settings });

async function unpacked(platform: ControlPlatform, key: string): Promise<Files> {
  const text = Buffer.from(await platform.artifacts.get(key)).toString();
  if (!text.startsWith("{")) throw new InputError("archive_format", "That is no archive.", { hint: "Make one." });
  const files: Files = JSON.parse(text);
  return files;
}

const ROUNDS = 10_000;
const VISIBLE_MS = 90 * 60_000;

export const never = new AbortController().signal;

async function drain(place: Place, options: Partial<WorkOptions> = {}, queues: readonly CloudQueue[] = CLOUD_QUEUES): Promise<void> {
  const { platform, workshop, clock } = place;
  const allowance = { deadlineMs: Infinity, owner: "drain", signal: never, ...options };
  for (let round = 0; round < ROUNDS; round++) {
    let isIdle = true;
    for (const queue of queues) {
      const [task] = await platform.queue.receive(queue, 1, VISIBLE_MS);
      if (task === undefined) continue;
      isIdle = false;
      if (queue === "prepare") await prepareTask(platform, workshop, readPrepareMessage(task.body), allowance);
      else if (queue === "finish") await finishTask(platform, workshop, readFinishMessage(task.body), allowance);
      else if (queue === "train") await trainTask(platform, workshop, task.body, allowance);
      else await workTask(platform, workshop, task.body, allowance);
      await platform.queue.acknowledge(task);
    }
    if (!isIdle) continue;
    const depths = await Promise.all(queues.map((queue) => platform.queue.depth(queue)));
    if (depths.every(({ waiting }) => waiting === 0)) return;
    await clock.advance(1_000);
  }
  throw new SeracError("unfinished", "The queues are never empty.");
}
