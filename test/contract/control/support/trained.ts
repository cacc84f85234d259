import type { ConfigInput } from "../../../../core/config/schema.ts";
import { finishTaskOf } from "../../../../core/control/messages.ts";
import type { RunChange, RunRecord } from "../../../../core/svg/store.ts";
import { trainTask, type TrainReport } from "../../../../core/control/training/train-task.ts";
import type { ModelRecord } from "../../../../core/training/model.ts";
import type { JobReport } from "../../../../core/training/jobs.ts";
import { jobNameOf } from "../../../../core/config/cloud/training.ts";
import type { TestJob } from "./jobs.ts";
import { never, type Place } from "./place.ts";
import { BASE, BASE_CONFIG, BASE_KEY, batchEvent } from "./training.ts";

export const TRAIN = { base: BASE, allowRehearsal: true, contextTokens: 4096, batchSize: 8 } as const satisfies ConfigInput["train"];

/** As the pipeline leaves it, whose tests are others. */
export async function finishedRun(place: Place, settings: ConfigInput = {}, change: RunChange = {}): Promise<RunRecord> {
  const { id } = await place.start(settings);
  await place.platform.queue.purge("prepare");
  return place.platform.store.changeRun(id, ["preparing"], { state: "finished", rehearsal: true, dataset: `datasets/${id}`, ...change });
}

/** A finished run whose `train` section has made its model, which waits for a machine. */
export async function waitingModel(
  place: Place,
  train: ConfigInput["train"] = TRAIN,
): Promise<{ readonly model: ModelRecord; readonly job: TestJob }> {
  await place.put(BASE_KEY, BASE_CONFIG);
  const { id } = await finishedRun(place, { train });
  await place.platform.queue.enqueue("finish", [finishTaskOf(id)]);
  await place.drain();
  const model = (await place.platform.models.getModel((await place.run(id)).model!.id!))!;
  return { model, job: place.jobs.all.find(({ request }) => request.modelId === model.id)! };
}

export const modelOf = async (place: Place, { id }: Pick<ModelRecord, "id">): Promise<ModelRecord> =>
  (await place.platform.models.getModel(id))!;

/** AWS Batch changes the job and tells of it. */
export async function tell(place: Place, job: TestJob, report: Partial<JobReport>, status = "RUNNING"): Promise<TrainReport> {
  job.report = { ...job.report, ...report };
  return told(place, job, status);
}

export const told = ({ platform, workshop }: Place, job: TestJob, status: string): Promise<TrainReport> =>
  trainTask(platform, workshop, batchEvent(job.jobId, jobNameOf(job.request.modelId), status), { signal: never });

export const attempt = (startedAtMs: number, stoppedAtMs: number | null, exitCode: number | null = null) => ({
  startedAtMs,
  stoppedAtMs,
  exitCode,
  reason: null,
});
