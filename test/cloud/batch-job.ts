import { randomUUID } from "node:crypto";
import type { AttemptDetail, ContainerOverrides, JobDetail, JobStatus, SubmitJobRequest } from "@aws-sdk/client-batch";
import { type BatchProcess, type Program, startProcess } from "./batch-process.ts";
import { isTriedAgain } from "./batch-retry.ts";

/** One start of a job's container on one node. */
export interface BatchStart {
  readonly jobId: string;
  readonly jobName: string;
  readonly jobQueue: string;
  readonly jobDefinition: string;
  /** What the request asks the image's entry point for. */
  readonly command: readonly string[];
  /** The request's, and what the service itself sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** From 1. */
  readonly attempt: number;
  readonly node: number;
  readonly nodes: number;
}

export interface JobSurroundings {
  readonly program: (start: BatchStart) => Program;
  readonly onChange: (job: BatchJob) => void;
  /** Null: there is a machine. */
  readonly whyNoMachine: () => string | null;
  /** ECS_CONTAINER_STOP_TIMEOUT. */
  readonly stopTimeoutMs: number;
  /** What a second lasts where the service counts them. */
  readonly secondMs: number;
}

export const REGION = "us-east-1";
export const ACCOUNT = "111111111111";
const EXITED = "Essential container in task exited";
const TIMED_OUT = "Job attempt duration exceeded timeout";

interface Ending {
  /** What the service says of the attempt instead of EXITED. */
  readonly statusReason: string;
  readonly isFinal: boolean;
  /** The machine went, and with it what the container ended with. */
  readonly isLost: boolean;
}

/** A job of the faked AWS Batch, from SUBMITTED to its end. */
export class BatchJob {
  readonly id = randomUUID();
  readonly request: SubmitJobRequest;
  readonly createdAt = nextMoment();
  readonly attempts: AttemptDetail[] = [];
  /** Every status it had, in their order. */
  readonly history: JobStatus[] = [];
  status: JobStatus = "SUBMITTED";
  statusReason: string | null = null;
  #startedAt: number | null = null;
  #stoppedAt: number | null = null;
  #processes: BatchProcess[] = [];
  #said = "";
  #ending: Ending | null = null;
  readonly #around: JobSurroundings;

  constructor(request: SubmitJobRequest, around: JobSurroundings) {
    this.request = request;
    this.#around = around;
    this.#move("SUBMITTED");
    setImmediate(() => void this.#live());
  }

  get isOver(): boolean {
    return this.status === "SUCCEEDED" || this.status === "FAILED";
  }

  get nodes(): number {
    return this.request.nodeOverrides?.numNodes ?? 1;
  }

  /** What its containers wrote. */
  get said(): string {
    return this.#said + this.#processes.map((process) => process.said()).join("");
  }

  /** Looks again whether there is a machine. */
  wake(): void {
    if (this.status === "RUNNABLE") void this.#run();
  }

  /** A spot machine is taken away; `lost`: before the service heard how the container ended. */
  interrupt(isLost: boolean): void {
    const statusReason = `Host EC2 (instance i-${this.id.replaceAll("-", "").slice(0, 17)}) terminated.`;
    this.#end({ statusReason: isLost ? statusReason : EXITED, isFinal: false, isLost });
  }

  /** By a person, or by the queue's time limits of states. */
  terminate(reason: string): void {
    if (this.isOver) return;
    if (this.#processes.length > 0) return this.#end({ statusReason: reason, isFinal: true, isLost: false });
    this.#move("FAILED", reason);
  }

  kill(): void {
    this.#ending = { statusReason: "the service stops", isFinal: true, isLost: true };
    for (const process of this.#processes) process.kill();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#processes.map(({ ended }) => ended));
  }

  describe(): JobDetail {
    const { jobName, jobQueue, jobDefinition, retryStrategy, timeout, tags } = this.request;
    const container = this.attempts.at(-1)?.container;
    return {
      jobArn: this.arn,
      jobName,
      jobId: this.id,
      jobQueue,
      jobDefinition,
      status: this.status,
      attempts: [...this.attempts],
      createdAt: this.createdAt,
      // As the service answers while a job has not begun.
      startedAt: this.#startedAt ?? 0,
      ...(this.#stoppedAt === null ? {} : { stoppedAt: this.#stoppedAt }),
      ...(this.statusReason === null ? {} : { statusReason: this.statusReason }),
      ...(retryStrategy === undefined ? {} : { retryStrategy }),
      ...(timeout === undefined ? {} : { timeout }),
      tags: { ...tags },
      ...(this.request.nodeOverrides === undefined
        ? { container: { ...container, command: this.#containerOf(0).command } }
        : { nodeProperties: { numNodes: this.nodes, mainNode: 0, nodeRangeProperties: [{ targetNodes: "0:" }] } }),
    };
  }

  get arn(): string {
    return `arn:aws:batch:${REGION}:${ACCOUNT}:job/${this.id}`;
  }

  async #live(): Promise<void> {
    if (!this.isOver) await this.#run();
  }

  async #run(): Promise<void> {
    for (;;) {
      const missing = this.#around.whyNoMachine();
      if (this.status !== "RUNNABLE" || missing !== this.statusReason) this.#move("RUNNABLE", missing);
      if (missing !== null) return;
      if ((await this.#attempt()) === "over") return;
    }
  }

  async #attempt(): Promise<"over" | "again"> {
    this.#move("STARTING");
    this.#ending = null;
    const startedAt = Date.now();
    this.#startedAt = startedAt;
    this.#stoppedAt = null;
    const number = this.attempts.length + 1;
    this.#processes = Array.from({ length: this.nodes }, (_, node) => startProcess(this.#around.program(this.#startOf(number, node))));
    this.#move("RUNNING");
    const seconds = this.request.timeout?.attemptDurationSeconds;
    const limit =
      seconds === undefined
        ? undefined
        : setTimeout(() => this.#end({ statusReason: TIMED_OUT, isFinal: true, isLost: false }), seconds * this.#around.secondMs);
    const exitCode = await this.#processes[0]!.ended;
    clearTimeout(limit);
    // The job is over with its main node.
    for (const process of this.#processes.slice(1)) process.stop(this.#around.stopTimeoutMs);
    await this.settled();
    this.#said += this.#processes.map((process) => process.said()).join("");
    this.#processes = [];
    return this.#wayOn(startedAt, exitCode);
  }

  #wayOn(startedAt: number, exitCode: number | null): "over" | "again" {
    const ending = this.#ending;
    const stoppedAt = Date.now();
    this.#stoppedAt = stoppedAt;
    const code = ending?.isLost === true ? null : (exitCode ?? 137);
    const statusReason = ending?.statusReason ?? EXITED;
    this.attempts.push({ container: { ...(code === null ? {} : { exitCode: code }) }, startedAt, stoppedAt, statusReason });
    if (ending === null && code === 0) this.#move("SUCCEEDED", EXITED);
    else if (
      ending?.isFinal === true ||
      !isTriedAgain(this.request.retryStrategy, this.attempts.length, { exitCode: code, statusReason, reason: null })
    )
      this.#move("FAILED", statusReason);
    else return "again";
    return "over";
  }

  #end(ending: Ending): void {
    if (this.#processes.length === 0 || this.#ending !== null) return;
    this.#ending = ending;
    for (const process of this.#processes) process.stop(this.#around.stopTimeoutMs);
  }

  #move(status: JobStatus, reason: string | null = null): void {
    this.status = status;
    this.statusReason = reason;
    this.history.push(status);
    this.#around.onChange(this);
  }

  #containerOf(node: number): ContainerOverrides {
    if (this.request.nodeOverrides === undefined) return this.request.containerOverrides ?? {};
    const overrides = this.request.nodeOverrides.nodePropertyOverrides ?? [];
    return overrides.find(({ targetNodes }) => isAmong(node, targetNodes ?? ""))?.containerOverrides ?? {};
  }

  #startOf(attempt: number, node: number): BatchStart {
    const { jobName, jobQueue, jobDefinition } = this.request;
    const { command = [], environment = [] } = this.#containerOf(node);
    const own = {
      AWS_BATCH_JOB_ID: this.nodes > 1 ? `${this.id}#${node}` : this.id,
      AWS_BATCH_JOB_ATTEMPT: String(attempt),
      AWS_BATCH_JQ_NAME: String(jobQueue),
      AWS_BATCH_CE_NAME: "fake",
      ...(this.request.nodeOverrides === undefined ? {} : nodeVariables(node, this.nodes)),
    };
    const asked = Object.fromEntries(environment.map(({ name, value }) => [String(name), String(value)]));
    return {
      jobId: this.id,
      jobName: String(jobName),
      jobQueue: String(jobQueue),
      jobDefinition: String(jobDefinition),
      command,
      environment: { ...asked, ...own },
      attempt,
      node,
      nodes: this.nodes,
    };
  }
}

let lastMoment = 0;

/** No two jobs are made in one millisecond, so that it is clear which is the older one. */
function nextMoment(): number {
  lastMoment = Math.max(Date.now(), lastMoment + 1);
  return lastMoment;
}

/** The main node knows no address of itself (AWS, "Environment variables for multi-node parallel jobs"). */
const nodeVariables = (node: number, nodes: number): Record<string, string> => ({
  AWS_BATCH_JOB_MAIN_NODE_INDEX: "0",
  AWS_BATCH_JOB_NODE_INDEX: String(node),
  AWS_BATCH_JOB_NUM_NODES: String(nodes),
  ...(node === 0 ? {} : { AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS: "127.0.0.1" }),
});

/** `0:`, `0:3`, `2`. */
function isAmong(node: number, target: string): boolean {
  const [from = "", to] = target.split(":");
  if (to === undefined) return node === Number(from);
  return node >= Number(from) && (to === "" || node <= Number(to));
}
