import * as z from "zod";

/** serac.deploy.yaml: what one deployment is. Everything has a default that suits a first try. */

/** What CloudWatch Logs offers, from a day to two years. */
export const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;
export const SANDBOX_KINDS = ["microvm", "none"] as const;

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
    .meta({ description: "An existing VPC.", allowed: 'the id of a VPC, such as "vpc-0123456789abcdef0"' }),
  subnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/))
    .min(1)
    .max(16)
    .meta({ description: "Its subnets without a route out.", allowed: 'a list of 1 to 16 ids, such as "subnet-0123456789abcdef0"' }),
});

const sandbox = z.strictObject({
  kind: z.enum(SANDBOX_KINDS).default("microvm").meta({ description: "Where the commands of a rollout run." }),
  vpc: vpc.optional().meta({ description: "Left out: a VPC of its own, without any way out." }),
});

const api = z.strictObject({
  requestsPerSecond: z.int().min(1).max(10_000).default(50).meta({ description: "All callers together, in the long run." }),
  burst: z.int().min(1).max(5000).default(100).meta({ description: "Requests at once." }),
  accountLogRole: z
    .boolean()
    .default(true)
    .meta({ description: "Set the role with which API Gateway writes logs: one for the account and region. False where it is set already." }),
});

const gateway = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .meta({ description: "The model's endpoint.", allowed: 'an http or https address, such as "https://models.example/v1"' }),
  model: z.string().min(1).meta({ description: "As the endpoint calls it." }),
  profile: z.string().min(1).optional().meta({ description: "How the model wants to be spoken to. Left out: found by the model's name." }),
  apiKeySecret: secretName
    .optional()
    .meta({ description: "Secret with the endpoint's key.", allowed: "the name of a secret, which must begin with serac/" }),
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

export const deploymentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,18}[a-z0-9]$/)
    .default("serac")
    .meta({
      description: "Begins the names of stacks and images; two deployments in one account and region need two.",
      allowed: "2 to 20 small letters, digits and dashes, a letter first",
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
  retention: retention.prefault({}),
  data: data.prefault({}),
});

/** The settings of one deployment, complete. */
export type Deployment = z.infer<typeof deploymentSchema>;
