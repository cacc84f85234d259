import { createServer, type IncomingMessage } from "node:http";
import type { DescribeJobsRequest, ListJobsRequest, SubmitJobRequest, TerminateJobRequest } from "@aws-sdk/client-batch";
import { ACCOUNT, BatchJob, type BatchStart, REGION } from "./batch-job.ts";
import type { Program } from "./batch-process.ts";
import { brokenRules } from "./batch-rules.ts";

export type { BatchStart } from "./batch-job.ts";
export type { Program } from "./batch-process.ts";

/** As EventBridge hands it over (AWS Batch, "Job state change events"). */
export interface JobStateEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": "Batch Job State Change";
  readonly source: "aws.batch";
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface BatchServiceOptions {
  /** What a job's container runs here. Its environment is all that the process gets. */
  readonly program: (start: BatchStart) => Program;
  /** In the order of the changes, one after the other. What it throws is thrown by `stop`. */
  readonly onEvent?: (event: JobStateEvent) => void | Promise<void>;
  /** Queues and definitions that there are; left out: all. */
  readonly known?: readonly string[];
  /** ECS_CONTAINER_STOP_TIMEOUT. Default: 20 s. */
  readonly stopTimeoutMs?: number;
  /** What a second lasts, where the service counts them. Default 1000. */
  readonly secondMs?: number;
}

/** Why a job finds no machine, in the words of the service (AWS Batch, "Jobs stuck in RUNNABLE"). */
export const NO_MACHINE = {
  capacity: "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
  environment: "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
  job: "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
} as const;
export type NoMachine = keyof typeof NO_MACHINE;

const SAID_WHILE_WAITING: Readonly<Record<NoMachine, string>> = {
  capacity: "Service cannot fulfill the capacity requested for instance type [p5.48xlarge]",
  environment: "CE(s) associated with the job queue cannot meet the CPU requirements of the job.",
  job: "The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.",
};

export interface BatchService {
  readonly endpoint: string;
  /** All jobs, oldest first. */
  readonly jobs: readonly BatchJob[];
  /** Names of the calls that were made. */
  readonly calls: readonly string[];
  /** Calls that AWS would refuse by its rules; the fake refused them, too. */
  readonly violations: readonly string[];
  /** Answered once each, before anything is done: an error of the service by its call, such as `SubmitJob`. `isDone`: after all was done. */
  readonly faults: { readonly call: string; readonly name: string; readonly status: number; readonly isDone?: boolean }[];
  /** A machine is taken away, two minutes after it was said: SIGTERM, and SIGKILL when the stop timeout is over. `lost`: nobody hears how the container ended. */
  spotStop(jobId: string, options?: { readonly isLost?: boolean }): Promise<void>;
  /** From now on no job finds a machine. With `limitMs` the queue's state time limit cancels what waits for as long. */
  refuseCapacity(why?: NoMachine, limitMs?: number): void;
  /** There are machines again, also for those that wait. */
  offerCapacity(): void;
  /** The events that were made so far are handed over. */
  delivered(): Promise<void>;
  stop(): Promise<void>;
}

class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

const PAGE = 100;
const PATHS: Readonly<Record<string, string>> = {
  "/v1/submitjob": "SubmitJob",
  "/v1/describejobs": "DescribeJobs",
  "/v1/listjobs": "ListJobs",
  "/v1/terminatejob": "TerminateJob",
  "/v1/canceljob": "CancelJob",
};

/** AWS Batch as far as its jobs go: what is submitted runs as a process of this machine, is stopped, tried again and told of as AWS does it. */
export async function startBatchService(options: BatchServiceOptions): Promise<BatchService> {
  const { program, onEvent, known, stopTimeoutMs = 20_000, secondMs = 1000 } = options;
  const jobs: BatchJob[] = [];
  const calls: string[] = [];
  const violations: string[] = [];
  const faults: BatchService["faults"] = [];
  const troubles: unknown[] = [];
  let telling: Promise<void> = Promise.resolve();
  let isStopping = false;
  let refused: { readonly why: NoMachine; readonly limitMs: number | undefined } | null = null;

  const tell = (job: BatchJob): void => {
    if (isStopping) return;
    const event = eventOf(job);
    telling = telling.then(async () => onEvent?.(event)).catch((error: unknown) => void troubles.push(error));
  };
  const onChange = (job: BatchJob): void => {
    tell(job);
    if (refused?.limitMs === undefined || job.status !== "RUNNABLE" || job.statusReason === null) return;
    const { why, limitMs } = refused;
    setTimeout(() => {
      if (job.status === "RUNNABLE" && job.statusReason?.startsWith(NO_MACHINE[why]) === true)
        job.terminate(`Canceled by JobStateTimeLimit action due to reason: ${NO_MACHINE[why]}`);
    }, limitMs);
  };
  const whyNoMachine = (): string | null => (refused === null ? null : `${NO_MACHINE[refused.why]} - ${SAID_WHILE_WAITING[refused.why]}`);

  const jobOf = (id: unknown): BatchJob => {
    const found = jobs.find((job) => job.id === id);
    if (found === undefined) throw new ServiceError("ClientException", 400, `The specified job ${String(id)} does not exist.`);
    return found;
  };
  const answers: Readonly<Record<string, (body: never) => unknown>> = {
    SubmitJob: (request: SubmitJobRequest) => {
      const broken = brokenRules(request);
      violations.push(...broken);
      if (broken.length > 0) throw new ServiceError("ClientException", 400, broken.join("; "));
      for (const [kind, name] of [
        ["JobQueue", request.jobQueue],
        ["JobDefinition", request.jobDefinition],
      ] as const)
        if (known?.includes(name!) === false) throw new ServiceError("ClientException", 400, `${kind} ${name} not found.`);
      const job = new BatchJob(request, { program, onChange, whyNoMachine, stopTimeoutMs, secondMs });
      jobs.push(job);
      return { jobArn: job.arn, jobId: job.id, jobName: request.jobName };
    },
    DescribeJobs: ({ jobs: ids = [] }: DescribeJobsRequest) => ({
      jobs: ids.flatMap((id) => {
        const [whole, node] = id.split("#");
        const job = jobs.find((one) => one.id === whole);
        if (job === undefined) return [];
        return [
          node === undefined
            ? job.describe()
            : { ...job.describe(), jobId: id, nodeDetails: { nodeIndex: Number(node), isMainNode: node === "0" } },
        ];
      }),
    }),
    ListJobs: ({ jobQueue, jobStatus = "RUNNING", filters = [], nextToken, maxResults = PAGE }: ListJobsRequest) => {
      const name = filters.find((filter) => filter.name === "JOB_NAME")?.values?.[0];
      const found = jobs.filter((job) => {
        if (job.request.jobQueue !== jobQueue) return false;
        // With a filter the status is not looked at, and names match in either case (ListJobs in the API reference).
        return name === undefined ? job.status === jobStatus : isNamed(job.request.jobName ?? "", name);
      });
      const from = Number(nextToken ?? 0);
      const page = found.slice(from, from + maxResults);
      return {
        jobSummaryList: page.map((job) => ({
          jobId: job.id,
          jobArn: job.arn,
          jobName: job.request.jobName,
          status: job.status,
          createdAt: job.createdAt,
        })),
        ...(from + maxResults < found.length ? { nextToken: String(from + maxResults) } : {}),
      };
    },
    TerminateJob: ({ jobId, reason }: TerminateJobRequest) => {
      if (typeof reason !== "string" || reason === "") throw new ServiceError("ClientException", 400, "A reason is required.");
      jobOf(jobId).terminate(reason);
      return {};
    },
    CancelJob: ({ jobId, reason }: TerminateJobRequest) => {
      const job = jobOf(jobId);
      if (job.status !== "STARTING" && job.status !== "RUNNING") job.terminate(String(reason));
      return {};
    },
  };

  async function answer(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = PATHS[request.url ?? ""];
    if (request.method !== "POST" || call === undefined) {
      violations.push(`${request.method} ${request.url} is no call that is known here`);
      throw new ServiceError("ClientException", 400, "There is no such call.");
    }
    calls.push(call);
    if (!/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/[^/]+\/batch\/aws4_request/.test(request.headers.authorization ?? ""))
      throw new ServiceError("AccessDeniedException", 403, "The request is not signed for AWS Batch.");
    const at = faults.findIndex((fault) => fault.call === call);
    const [fault] = at < 0 ? [] : faults.splice(at, 1);
    const fail = (): never => {
      throw new ServiceError(fault!.name, fault!.status, `${fault!.name}, by order of the test.`);
    };
    if (fault !== undefined && fault.isDone !== true) fail();
    const result = answers[call]!(JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as never);
    return fault === undefined ? result : fail();
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (result) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result)),
      (error: unknown) => {
        if (!(error instanceof ServiceError)) violations.push(String(error));
        const [name, status] = error instanceof ServiceError ? [error.name, error.status] : ["ServerException", 500];
        const message = error instanceof Error ? error.message : String(error);
        response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": name }).end(JSON.stringify({ message }));
      },
    );
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });

  return {
    endpoint: `http://127.0.0.1:${port}`,
    jobs,
    calls,
    violations,
    faults,
    async spotStop(jobId, { isLost = true } = {}) {
      const job = jobOf(jobId);
      job.interrupt(isLost);
      await job.settled();
    },
    refuseCapacity(why = "capacity", limitMs) {
      refused = { why, limitMs };
    },
    offerCapacity() {
      refused = null;
      for (const job of jobs) job.wake();
    },
    delivered: async () => telling,
    async stop() {
      isStopping = true;
      for (const job of jobs) job.kill();
      await Promise.all(jobs.map((job) => job.settled()));
      await telling;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (troubles.length > 0) throw troubles[0];
    },
  };
}

function isNamed(name: string, wanted: string): boolean {
  const [has, wants] = [name.toLowerCase(), wanted.toLowerCase()];
  return wants.endsWith("*") ? has.startsWith(wants.slice(0, -1)) : has === wants;
}

let events = 0;

function eventOf(job: BatchJob): JobStateEvent {
  events += 1;
  return {
    version: "0",
    id: `00000000-0000-4000-8000-${String(events).padStart(12, "0")}`,
    "detail-type": "Batch Job State Change",
    source: "aws.batch",
    account: ACCOUNT,
    time: new Date().toISOString(),
    region: REGION,
    resources: [job.arn],
    detail: { ...job.describe() },
  };
}
