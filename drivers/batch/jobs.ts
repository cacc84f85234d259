import {
  type BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  type JobSummary,
  ListJobsCommand,
  SubmitJobCommand,
  TerminateJobCommand,
} from "@aws-sdk/client-batch";
import { jobNameOf, type TrainingSettings } from "../../core/config/cloud/training.ts";
import { awsName, cloudError } from "../../core/errors/cloud.ts";
import { SeracError } from "../../core/errors/index.ts";
import type { TrainingJobs } from "../../core/training/jobs.ts";
import { GONE, reportOf } from "./report.ts";
import { placeOf, submissionOf } from "./submission.ts";

export interface BatchJobsOptions {
  readonly client: BatchClient;
  readonly settings: TrainingSettings;
  /** Where the models are. */
  readonly bucket: string;
}

const TWICE = "serac: the model has this job twice";
/** TerminateJob takes as many characters. */
const REASON_LENGTH = 256;

/** Trainings as jobs of AWS Batch, one a model, found again by its name. */
export function createBatchJobs({ client, settings, bucket }: BatchJobsOptions): TrainingJobs {
  const describe = async (ids: readonly string[]): Promise<readonly JobDetail[]> => {
    const { jobs = [] } = await client.send(new DescribeJobsCommand({ jobs: [...ids] })).catch(failing("DescribeJobs", `job ${ids[0]}`));
    return jobs;
  };

  const terminate = async (jobId: string, reason: string): Promise<void> => {
    await client.send(new TerminateJobCommand({ jobId, reason: reason.slice(0, REASON_LENGTH) })).catch((error: unknown) => {
      if (!isUnknown(error)) throw jobError(error, "TerminateJob", `job ${jobId}`);
    });
  };

  /** Every job of the name, the oldest first. */
  const named = async (name: string, queue: string): Promise<JobSummary[]> => {
    const found: JobSummary[] = [];
    let nextToken: string | undefined;
    do {
      const command = new ListJobsCommand({
        jobQueue: queue,
        filters: [{ name: "JOB_NAME", values: [name] }],
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      const page = await client.send(command).catch(failing("ListJobs", queue));
      // The service looks for names without regard to capitals.
      found.push(...(page.jobSummaryList ?? []).filter(({ jobName }) => jobName === name));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0) || (a.jobId! < b.jobId! ? -1 : 1));
  };

  return {
    async submit(job) {
      const place = placeOf(settings, job.choice);
      const name = jobNameOf(job.modelId);
      const [known] = await named(name, place.queue);
      if (known?.jobId !== undefined) return { jobId: known.jobId };
      const submission = submissionOf(job, place, bucket);
      const { jobId } = await client.send(new SubmitJobCommand(submission)).catch(failing("SubmitJob", place.queue));
      if (jobId === undefined) throw new SeracError("cloud_failed", "AWS Batch took a job and gave it no id.");
      // Two who asked at once, neither seeing the other's, agree on the older one.
      const [first] = await named(name, place.queue);
      if (first?.jobId === undefined || first.jobId === jobId) return { jobId };
      await terminate(jobId, TWICE);
      return { jobId: first.jobId };
    },

    async describe(jobId) {
      const [job] = await describe([jobId]);
      if (job === undefined) return GONE;
      const mainNode =
        job.nodeProperties === undefined ? null : ((await describe([`${jobId}#${job.nodeProperties.mainNode ?? 0}`]))[0] ?? null);
      return reportOf(job, mainNode, settings);
    },

    cancel: terminate,
  };
}

const isUnknown = (error: unknown): boolean =>
  awsName(error) === "ClientException" && error instanceof Error && /does not exist|not found/i.test(error.message);

const failing =
  (action: string, subject: string) =>
  (error: unknown): never => {
    throw jobError(error, action, subject);
  };

function jobError(error: unknown, action: string, subject: string): unknown {
  if (!isUnknown(error)) return cloudError(error, { action: `batch:${action}`, subject });
  const said = error instanceof Error ? error.message : String(error);
  return new SeracError("cloud_failed", `AWS Batch does not know what serac named: ${said}`, {
    hint: "Queues and job definitions come with the training stack: deploy it again, and look whether region and account are the right ones.",
    cause: error,
  });
}
