import * as z from "zod";

import { servedModelSettings } from "../../core/config/cloud/gateway.ts";
import { TRAINING_MACHINES } from "../../core/config/cloud/machines.ts";
import { MICROVM_MEMORY_MIB } from "../../core/config/cloud/microvm.ts";
import { TENANT_MEMORY_MB } from "../../core/config/cloud/tenant.ts";

/** serac.deploy.yaml: what one deployment is. Everything has a default that suits a first try. */

/** What CloudWatch Logs offers, from a day to two years. */
export const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;
export const BUDGET_SCOPES = ["account", "deployment"] as const;
export const SANDBOX_KINDS = ["microvm", "tenant", "none"] as const;

const days = z.int().min(1).max(3650);
const secretName = z.string().regex(/^serac\/[A-Za-z0-9/_+=.@-]+$/);

const workers = z.strictObject({
  memoryMb: z.int().min(128).max(10_240).default(256).meta({ description: "Memory of one worker. Megabytes." }),
  reservedConcurrency: z
    .int()
    .min(2)
    .max(1000)
    .optional()
    .meta({ description: "Set aside for workers, so that nothing else in the account takes it. Left out: nothing is set aside." }),
});

const vpc = z.strictObject({
  id: z
    .string()
    .regex(/^vpc-[0-9a-f]{8,17}$/)
    .meta({ description: "With `vpc`: an existing one.", allowed: 'the id of a VPC, such as "vpc-0123456789abcdef0"' }),
  subnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/))
    .min(1)
    .max(16)
    .meta({
      description: "With `vpc`: its subnets without a route out.",
      allowed: 'a list of 1 to 16 ids, such as "subnet-0123456789abcdef0"',
    }),
});

const sandbox = z.strictObject({
  kind: z
    .enum(SANDBOX_KINDS)
    .default("microvm")
    .meta({ description: "Where the commands of a rollout run: microVMs, a function of tenants where a region has none, or nowhere." }),
  vpc: vpc.optional().meta({ description: "Left out: a VPC of its own, without any way out." }),
  memoryMib: z
    .literal(MICROVM_MEMORY_MIB)
    .default(512)
    .meta({
      description: "With `microvm`: what a machine has at least, more where `environment` needs it; it bursts to four times as much. MiB.",
      allowed: `one of ${MICROVM_MEMORY_MIB.join(", ")}`,
    }),
  functionMemoryMb: z
    .int()
    .min(TENANT_MEMORY_MB.min)
    .max(TENANT_MEMORY_MB.max)
    .default(3008)
    .meta({ description: "With `tenant`: memory of the function, 384 more than any run's `environment.memoryMb`. Megabytes." }),
  baseContainer: z
    .string()
    .regex(/^[^\s"'`$\\]+$/)
    .default("node:24-bookworm-slim")
    .meta({
      description: "What images are built from: a Debian with Node 24. With `tenant`: also with all that tests need.",
      allowed: "the name of a container image",
    }),
});

const api = z.strictObject({
  requestsPerSecond: z.int().min(1).max(10_000).default(50).meta({ description: "All callers together, in the long run." }),
  burst: z.int().min(1).max(5000).default(100).meta({ description: "Requests at once." }),
  accountLogRole: z.boolean().default(true).meta({
    description: "Set the role with which API Gateway writes logs: one for the account and region. False where it is set already.",
  }),
});

const servedModel = servedModelSettings.extend({
  url: servedModelSettings.shape.url.meta({ allowed: 'an http or https address without /v1, such as "https://models.example"' }),
  keySecret: secretName.optional().meta({ allowed: "the name of a secret, which must begin with serac/" }),
});

const gateway = z.strictObject({
  models: z.array(servedModel).min(1).meta({
    description: "What it serves; the first also answers to names that nobody knows.",
    allowed: "a list of models, each with name and url",
  }),
});

const trainingMachine = z.strictObject({
  type: z.enum(TRAINING_MACHINES).meta({ description: "An EC2 instance type." }),
  maxMachines: z.int().min(1).max(16).default(1).meta({
    description:
      "At once, of each kind (spot, on-demand, block). More than one: they may also train together, where their network is made for it.",
  }),
});

const training = z.strictObject({
  machines: z.array(trainingMachine).min(1).meta({
    description: "Which machines may train. A machine costs nothing while nothing is trained.",
    allowed: "a list of machines, each with type and maxMachines",
  }),
  spot: z
    .boolean()
    .default(true)
    .meta({ description: "Offer spot machines: a third to a half of the price, and taken away at two minutes' notice." }),
  onDemand: z
    .boolean()
    .default(true)
    .meta({ description: "Offer machines on demand, also to jobs for which no spot machine is to be had." }),
  capacityBlock: z
    .strictObject({
      machine: z.enum(TRAINING_MACHINES).meta({ description: "What was reserved; one of `training.machines`." }),
      reservationId: z
        .string()
        .regex(/^cr-[0-9a-f]{8,17}$/)
        .meta({ description: "The capacity block.", allowed: 'the id of a reservation, such as "cr-0123456789abcdef0"' }),
      subnetId: z
        .string()
        .regex(/^subnet-[0-9a-f]{8,17}$/)
        .optional()
        .meta({
          description: "With `vpc`: the subnet in the block's zone. Left out: any of them.",
          allowed: 'the id of a subnet, such as "subnet-0123456789abcdef0"',
        }),
    })
    .optional()
    .meta({ description: "Machines that were reserved for a while, for `train.capacity: block`." }),
  waitHours: z.int().min(1).max(168).default(12).meta({ description: "A job for which AWS has no machine is given up after that. Hours." }),
  vpc: vpc.optional().meta({
    description: "Left out: a VPC of its own without any way out, with endpoints of AWS's services in it.",
  }),
  image: z
    .string()
    .regex(/^[^\s"'`$\\]+$/)
    .optional()
    .meta({
      description: "The trainer's image. Left out: built from batch-images/sft when the stack is deployed, which takes Docker.",
      allowed: "the name of a container image",
    }),
  amiId: z
    .string()
    .regex(/^ami-[0-9a-f]{8,17}$/)
    .optional()
    .meta({
      description: "What the machines start from: an image for ECS with drivers for GPUs. Left out: AWS's newest.",
      allowed: 'the id of a machine image, such as "ami-0123456789abcdef0"',
    }),
});

const retention = z.strictObject({
  logDays: z
    .literal(LOG_DAYS)
    .default(30)
    .meta({ description: "Logs of the functions and of the API. Days.", allowed: `one of ${LOG_DAYS.join(", ")}` }),
  dropDays: days.default(30).meta({ description: "What was dropped, and what came of it. Days." }),
  uploadDays: days.default(7).meta({ description: "Archives that came through the API. Days." }),
  replacedDays: days.default(30).meta({ description: "Objects that were deleted or written over. Days." }),
});

const data = z.strictObject({
  keep: z
    .boolean()
    .default(true)
    .meta({ description: "Keep bucket and table when the stacks are destroyed. False: the table goes, and the bucket when it is empty." }),
  keyArn: z
    .string()
    .regex(/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/)
    .optional()
    .meta({ description: "Key that encrypts bucket and table. Left out: AWS's own keys.", allowed: "the ARN of a KMS key" }),
});

const settings = z.strictObject({
  name: z
    .string()
    .regex(/^(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
    .default("serac")
    .meta({
      description: "Begins the names of stacks and images; two deployments in one account and region need two.",
      allowed: "2 to 20 small letters and digits with single dashes between, a letter first",
    }),
  account: z
    .string()
    .regex(/^\d{12}$/)
    .optional()
    .meta({ description: "Left out: the account of the credentials.", allowed: 'twelve digits in quotes, such as "111111111111"' }),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .optional()
    .meta({ description: "Left out: the region of the credentials.", allowed: 'a region, such as "eu-central-1"' }),
  email: z.email().optional().meta({ description: "Hears of alarms and of the budget.", allowed: "an e-mail address" }),
  monthlyBudgetUsd: z
    .number()
    .min(1)
    .default(100)
    .meta({ description: "A letter goes out at 80 % and at all of it. What AWS bills, not what the teacher costs." }),
  budgetCounts: z.enum(BUDGET_SCOPES).default("account").meta({
    description: "`deployment`: what carries its tag, once that is a cost allocation tag. AWS bills machines without it.",
  }),
  teacherConcurrency: z
    .int()
    .min(2)
    .max(1000)
    .default(32)
    .meta({ description: "Rollouts at once over all runs: as many as the teacher bears." }),
  workers: workers.prefault({}),
  sandbox: sandbox.prefault({}),
  api: api.prefault({}),
  gateway: gateway.optional().meta({ description: "Puts the gateway for Claude Code beside the control API. Left out: no gateway." }),
  training: training.optional().meta({ description: "Lets models be trained on machines with GPUs. Left out: no training in the cloud." }),
  retention: retention.prefault({}),
  data: data.prefault({}),
});

/** What is right by itself and wrong together. */
export const deploymentSchema = settings.superRefine((given, context) => {
  const add = (path: string[], message: string): void => context.addIssue({ code: "custom", path, message });
  const { reservedConcurrency = given.teacherConcurrency } = given.workers;
  if (reservedConcurrency < given.teacherConcurrency)
    add(["workers", "reservedConcurrency"], `is less than teacherConcurrency, ${given.teacherConcurrency}: tasks would be thrown back`);
  for (const { path, message } of mistakesOfTraining(given.training)) add(["training", ...path], message);
  // A table names its key for each of its regions, and so has to know its own.
  const { keyArn } = given.data;
  if (keyArn !== undefined && keyArn.split(":")[3] !== given.region)
    add(["data", "keyArn"], `is a key of another region than the key \`region\` names, ${given.region ?? "which is missing"}`);
});

function mistakesOfTraining(given: z.infer<typeof training> | undefined): { readonly path: string[]; readonly message: string }[] {
  if (given === undefined) return [];
  const { machines, spot, onDemand, capacityBlock } = given;
  const types = machines.map(({ type }) => type);
  const twice = types.find((type, at) => types.indexOf(type) !== at);
  return [
    ...(twice === undefined ? [] : [{ path: ["machines"], message: `names ${twice} twice` }]),
    ...(spot || onDemand || capacityBlock !== undefined
      ? []
      : [{ path: ["onDemand"], message: "is false, and so are spot machines, and there is no capacityBlock: nothing could train" }]),
    ...(capacityBlock === undefined || types.includes(capacityBlock.machine)
      ? []
      : [{ path: ["capacityBlock", "machine"], message: `is ${capacityBlock.machine}, which is not among training.machines` }]),
  ];
}

/** The settings of one deployment, complete. */
export type Deployment = z.infer<typeof deploymentSchema>;
