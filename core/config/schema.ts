import * as z from "zod";

/**
 * serac.yaml, the one schema of the CLI, the S3 drop and the API body. Every object is strict: an unknown key is an
 * error that names the nearest key. Defaults that rest on the paper are in its terms (arXiv 2601.20789).
 */

const usdPerMillion = z.number().min(0);

export const DATASET_FORMATS = ["hermes", "xml", "openai", "raw"] as const;
export const TOOLSETS = ["swe-agent", "mini"] as const;
export const SANDBOXES = ["auto", "bubblewrap", "virtual-bash"] as const;
export const SELECTIONS = ["ratio", "random", "balanced"] as const;

const repo = z.strictObject({
  source: z.string().min(1).default("."),
  commit: z.string().min(1).default("HEAD"),
  include: z.array(z.string().min(1)).default([]),
  exclude: z.array(z.string().min(1)).default([]),
});

const survey = z.strictObject({
  /** Skip rules; each can be switched off. */
  skipTests: z.boolean().default(true),
  skipVendored: z.boolean().default(true),
  skipGenerated: z.boolean().default(true),
  maxFileMb: z.number().positive().default(2),
  languages: z.array(z.string().min(1)).default([]),
});

const environment = z.strictObject({
  install: z.array(z.string().min(1)).default([]),
  timeoutMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .default(20),
  /** Host folders shown read-only inside the sandbox at the same path: toolchains that live outside the system. */
  mounts: z.array(z.string().min(1)).default([]),
  memoryMb: z.int().min(64).default(4096),
  processes: z.int().min(16).default(512),
  diskMb: z.int().min(16).default(2048),
});

const teacher = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }),
  model: z.string().min(1),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional(),
  temperature: z.number().min(0).max(2).default(0.6),
  concurrency: z.int().min(1).max(4096).default(32),
  /** Silence on the line for this long is a timeout. */
  timeoutSeconds: z.number().positive().max(7200).default(600),
  maxOutputTokens: z.int().min(1).optional(),
  /** USD per 1M tokens. */
  price: z
    .strictObject({ input: usdPerMillion.default(0), cachedInput: usdPerMillion.optional(), output: usdPerMillion.default(0) })
    .default({ input: 0, output: 0 }),
});

const plan = z.strictObject({
  samples: z.int().min(1).max(10_000_000).default(8000),
  perFunction: z.int().min(1).max(51).default(1),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  /** Weight 0 drops a kind; a key that is no known kind is an error. */
  kindWeights: z.record(z.string(), z.number().min(0)).default({}),
  /** Kinds of your own: id -> description; may use {function} and {path}. */
  kinds: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string().min(1)).default({}),
});

const rollout = z.strictObject({
  toolset: z.enum(TOOLSETS).default("swe-agent"),
  maxCalls: z.int().min(1).max(10_000).default(115),
  commandSeconds: z.number().positive().default(300),
  totalCommandSeconds: z.number().positive().default(1800),
  contextTokens: z.int().min(1024).default(32_768),
  /** First rollouts at most, each with a new kind. */
  attempts: z.int().min(1).max(10).default(3),
  sandbox: z.enum(SANDBOXES).default("auto"),
});

const describe = z.strictObject({
  /** JSON file or folder with issue texts to use as style demonstrations, before the repository's own history. */
  demonstrations: z.string().min(1).optional(),
});

const verify = z.strictObject({
  /** 1 = hard, 0 = none. */
  threshold: z.number().min(0).max(1).default(0.5),
});

const budget = z.strictObject({ usd: z.number().min(0).optional() });

const dataset = z.strictObject({
  formats: z.array(z.enum(DATASET_FORMATS)).min(1).default(["hermes"]),
  maxPatchLines: z.int().min(1).default(40),
  meanObservationTokens: z.number().positive().default(600),
  minKeptRatio: z.number().min(0).max(1).default(0.88),
  select: z.enum(SELECTIONS).default("ratio"),
  maxSamples: z.int().min(1).optional(),
  includeUnsubmitted: z.boolean().default(false),
});

export const configSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i)
    .optional(),
  repo: repo.prefault({}),
  survey: survey.prefault({}),
  environment: environment.prefault({}),
  teacher: teacher.optional(),
  plan: plan.prefault({}),
  rollout: rollout.prefault({}),
  describe: describe.prefault({}),
  verify: verify.prefault({}),
  budget: budget.prefault({}),
  dataset: dataset.prefault({}),
  train: z.strictObject({ base: z.string().min(1).default("Qwen/Qwen3-32B"), method: z.enum(["lora", "full"]).default("lora") }).optional(),
  serve: z.strictObject({ isolation: z.enum(["shared", "dedicated"]).default("shared") }).optional(),
});

export type SeracConfig = z.infer<typeof configSchema>;
export type TeacherConfig = z.infer<typeof teacher>;
