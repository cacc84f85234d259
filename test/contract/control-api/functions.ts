import { setTimeout as wait } from "node:timers/promises";
import { join } from "node:path";
import { finishTask } from "../../../core/control/finish.ts";
import { readFinishMessage, readPrepareMessage } from "../../../core/control/messages.ts";
import type { PrepareRequest } from "../../../core/agent/sandbox.ts";
import type { Workshop } from "../../../core/control/platform.ts";
import { prepareTask } from "../../../core/control/prepare.ts";
import { workTask } from "../../../core/control/work.ts";
import { exportRun } from "../../../core/dataset/export.ts";
import type { DatasetSink } from "../../../core/dataset/sink.ts";
import { writeTrainingData } from "../../../core/training/data.ts";
import { dataPrefix } from "../../../core/training/names.ts";
import { trainTask } from "../../../core/control/training/train-task.ts";
import type { ArtifactStore } from "../../../core/svg/artifacts.ts";
import { createArchives } from "../../../drivers/archive/index.ts";
import { createOpenAiTeacher } from "../../../drivers/openai/index.ts";
import { createVirtualBashProvider } from "../../../drivers/virtual-bash/index.ts";
import { testJobs, type TestJobs } from "../control/support/jobs.ts";
import { VERSION, type Deployment } from "./deployment.ts";

export interface Functions extends AsyncDisposable {
  /** What was thrown out of a task. */
  readonly faults: unknown[];
  /** Those of the models. */
  readonly jobs: TestJobs;
  /** While true, no further task is begun. */
  paused: boolean;
}

const VISIBLE_MS = 10 * 60_000;
const DEADLINE_MS = 60_000;
const QUEUES = ["prepare", "work", "finish", "train"] as const;

/** What the deployed functions do with their queues, in a loop in this process. */
export function startFunctions({ platform, folder }: Deployment, { concurrency = 2 } = {}): Functions {
  const stop = new AbortController();
  const bash = createVirtualBashProvider({ threads: 1 });
  // The pipeline names bases by run; this provider takes the name for a folder.
  const sandbox = {
    ...bash,
    prepare: (request: PrepareRequest) => bash.prepare({ ...request, directory: join(folder, request.directory) }),
  };
  const jobs = testJobs(Date.now);
  const teachers = new Map<string, ReturnType<typeof createOpenAiTeacher>>();
  const workshop: Workshop = {
    archives: createArchives({ artifacts: platform.artifacts, folder: join(folder, "unpacked") }),
    teacher: async (config) => {
      const teacher = teachers.get(config.baseUrl) ?? createOpenAiTeacher({ config });
      teachers.set(config.baseUrl, teacher);
      return teacher;
    },
    sandbox: async () => sandbox,
    exportDataset: async (runId, signal) => {
      const sink = sinkIn(platform.artifacts, `datasets/${runId}/`);
      const { location } = await exportRun(platform, runId, { format: "hermes", sink, version: VERSION }, { signal });
      return { location };
    },
    exportTrainingData: (model, signal) => {
      const sink = sinkIn(platform.artifacts, dataPrefix(model.id));
      return writeTrainingData(platform, model, { sink, version: VERSION, hooks: { signal } });
    },
    jobs: async () => jobs,
  };
  const functions: Functions = {
    faults: [],
    jobs,
    paused: false,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all(slots);
      for (const teacher of teachers.values()) await teacher.close();
      await sandbox.close();
    },
  };
  const doOne = async (owner: string): Promise<boolean> => {
    for (const queue of QUEUES) {
      const [task] = await platform.queue.receive(queue, 1, VISIBLE_MS);
      if (task === undefined) continue;
      const options = { deadlineMs: Date.now() + DEADLINE_MS, owner, signal: stop.signal };
      try {
        if (queue === "prepare") await prepareTask(platform, workshop, readPrepareMessage(task.body), options);
        else if (queue === "work") await workTask(platform, workshop, task.body, options);
        else if (queue === "train") await trainTask(platform, workshop, task.body, options);
        else await finishTask(platform, workshop, readFinishMessage(task.body), options);
        await platform.queue.acknowledge(task);
      } catch (error) {
        if (!stop.signal.aborted) functions.faults.push(error);
      }
      return true;
    }
    return false;
  };
  const slot = async (owner: string): Promise<void> => {
    while (!stop.signal.aborted) {
      if (functions.paused || !(await doOne(owner))) await wait(20, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const slots = Array.from({ length: concurrency }, (_, index) => slot(`function-${index}`));
  return functions;
}

/** A dataset among the artefacts, there when it is whole. */
function sinkIn(artifacts: ArtifactStore, prefix: string): DatasetSink {
  const files = new Map<string, Uint8Array[]>();
  return {
    create: async (path) => {
      const chunks: Uint8Array[] = [];
      files.set(path, chunks);
      return {
        write: async (chunk) => {
          chunks.push(Uint8Array.from(chunk));
        },
        close: async () => {},
      };
    },
    commit: async () => {
      const paths = [...files.keys()].toSorted((a, b) => Number(a === "README.md") - Number(b === "README.md"));
      for (const path of paths) await artifacts.put(`${prefix}${path}`, Buffer.concat(files.get(path)!));
      return artifacts.locate(prefix.slice(0, -1));
    },
    abort: async () => files.clear(),
  };
}
