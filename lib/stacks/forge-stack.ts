import { CfnOutput, Duration, Size, Stack, type StackProps } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { Construct } from "constructs";

import { CLOUD_QUEUES, MAX_TASK_RECEIVES, type CloudFunction, type CloudQueue } from "../../core/config/cloud/names.ts";
import { BundledFunction, type BundledFunctionProps } from "../constructs/bundled-function.ts";
import { DropRule } from "../constructs/drop-rule.ts";
import { environmentOf } from "../constructs/environment.ts";
import type { Estate } from "../constructs/estate.ts";
import { FailedEvents } from "../constructs/failed-events.ts";
import { JobRule } from "../constructs/job-rule.ts";
import { queuesOf } from "../constructs/permissions/training.ts";
import { permissionsOf } from "../constructs/permissions/of-functions.ts";
import type { Permission } from "../constructs/permissions/permission.ts";
import { QueueConsumer } from "../constructs/queue-consumer.ts";
import { QueueWithDeadLetters } from "../constructs/queue-with-dead-letters.ts";
import type { Deployment } from "../deployment/schema.ts";

export interface ForgeStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly stored: Pick<Estate, "bucket" | "table" | "key">;
  readonly sandbox: Estate["sandbox"];
  readonly training: Estate["training"];
  readonly assets: BundledFunctionProps["assets"];
  readonly version: string;
}

/** As long as Lambda lets a function run. */
const LONG = Duration.minutes(15);
/** Runs that are prepared, or exported, at once. */
const RUNS_AT_ONCE = 10;
const BURIALS_AT_ONCE = 2;
/** The largest that Lambda offers: archives, and the tree that comes out of them. */
const ARCHIVES = Size.gibibytes(10);
/** One whole CPU comes with it: parsing and compressing take as long as they get less. */
const ONE_CPU_MB = 1769;
const REAP_EVERY = Duration.minutes(5);

type Shape = Pick<BundledFunctionProps, "description" | "memoryMb" | "timeout" | "storage" | "reservedConcurrentExecutions">;
type ForgeFunction = Exclude<CloudFunction, "control" | "gateway" | "train">;

/** What makes datasets and has models trained: four queues and the functions between them. */
export class ForgeStack extends Stack {
  readonly estate: Estate;
  readonly functions: Readonly<Record<ForgeFunction, BundledFunction> & { train?: BundledFunction }>;
  readonly failedDrops: FailedEvents;

  constructor(scope: Construct, id: string, { deployment, stored, sandbox, training, assets, version, ...props }: ForgeStackProps) {
    super(scope, id, { description: "serac: runs, samples and datasets", ...props });
    const queue = (name: CloudQueue): QueueWithDeadLetters =>
      new QueueWithDeadLetters(this, idOf(name), { timeout: LONG, maxReceives: MAX_TASK_RECEIVES });
    const queues = { prepare: queue("prepare"), work: queue("work"), finish: queue("finish"), train: queue("train") };
    this.estate = { ...stored, queues, sandbox, training };
    this.failedDrops = new FailedEvents(this, "FailedDrops");
    const add = (name: ForgeFunction | "train", shape: Shape, also: readonly Permission[] = []): BundledFunction =>
      new BundledFunction(this, `${idOf(name)}Function`, {
        ...shape,
        bundle: name,
        assets,
        environment: environmentOf(name, this.estate, version),
        logDays: deployment.retention.logDays,
        permissions: [...permissionsOf(name, this, this.estate), ...also],
      });
    const { memoryMb, reservedConcurrency } = deployment.workers;

    this.functions = {
      intake: add("intake", { description: "serac: a drop becomes a run", memoryMb: 512, timeout: Duration.minutes(5) }, [
        ...this.failedDrops.permissions,
      ]),
      prepare: add("prepare", {
        description: "serac: repository, image, plan",
        memoryMb: 2 * ONE_CPU_MB,
        timeout: LONG,
        storage: ARCHIVES,
      }),
      worker: add("worker", {
        description: "serac: one sample, until the deadline",
        memoryMb,
        timeout: LONG,
        ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
      }),
      finish: add("finish", { description: "serac: the dataset of a run", memoryMb: ONE_CPU_MB, timeout: LONG, storage: ARCHIVES }),
      bury: add("bury", { description: "serac: what failed again and again", memoryMb: 256, timeout: Duration.minutes(5) }),
      ...(training === null
        ? {}
        : { train: add("train", { description: "serac: a model and its job", memoryMb: ONE_CPU_MB, timeout: LONG, storage: ARCHIVES }) }),
      reaper: add("reaper", { description: "serac: what lost its owner", memoryMb: 512, timeout: Duration.minutes(10) }),
    };
    this.#feed(deployment.teacherConcurrency);
    this.#wake();
    this.#tell();
  }

  #feed(teacherConcurrency: number): void {
    const { queues } = this.estate;
    const { prepare, worker, finish, train, bury } = this.functions;
    const consumer = (id: string, queue: QueueWithDeadLetters["queue"], target: BundledFunction, maxConcurrency: number): QueueConsumer =>
      new QueueConsumer(this, id, { queue, target: target.function, maxConcurrency });
    consumer("PrepareSource", queues.prepare.queue, prepare, RUNS_AT_ONCE);
    consumer("WorkSource", queues.work.queue, worker, teacherConcurrency);
    consumer("FinishSource", queues.finish.queue, finish, RUNS_AT_ONCE);
    if (train !== undefined) consumer("TrainSource", queues.train.queue, train, RUNS_AT_ONCE);
    for (const name of CLOUD_QUEUES) consumer(`Dead${idOf(name)}Source`, queues[name].dead, bury, BURIALS_AT_ONCE);
  }

  #wake(): void {
    const { intake, reaper } = this.functions;
    new DropRule(this, "Drops", { bucket: this.estate.bucket, target: intake.function });
    this.failedDrops.catchFrom(intake.function);
    const { training, queues } = this.estate;
    if (training !== null) new JobRule(this, "Jobs", { jobQueues: queuesOf(training, this), target: queues.train.queue });
    // A reaper that failed is followed by the next one.
    new Rule(this, "Reap", {
      description: "serac: look for what lost its owner",
      schedule: Schedule.rate(REAP_EVERY),
      targets: [new LambdaFunction(reaper.function, { retryAttempts: 0 })],
    });
  }

  #tell(): void {
    const { queues } = this.estate;
    for (const name of CLOUD_QUEUES) {
      new CfnOutput(this, `${idOf(name)}Queue`, { value: queues[name].queue.queueUrl });
      new CfnOutput(this, `${idOf(name)}DeadQueue`, { value: queues[name].dead.queueUrl });
    }
  }
}

/** `prepare` -> `Prepare`. */
const idOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
