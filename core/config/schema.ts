import * as z from "zod";
import { TRAINING_MACHINES } from "./cloud/machines.ts";

/**
 * serac.yaml, the one schema of the CLI, the S3 drop and the API body. Every object is strict: an unknown key is an
 * error that names the nearest key. Defaults that rest on the paper are in its terms (arXiv 2601.20789).
 *
 * `description` is what docs/configuration.md prints, with the unit; `allowed` is said in error messages where the
 * type alone does not say it.
 */

declare module "zod" {
  interface GlobalMeta {
    allowed?: string;
  }
}

const text = z.string().min(1);
const usdPerMillion = z.number().min(0);

export const DATASET_FORMATS = ["hermes", "xml", "openai", "raw"] as const;
export const TOOLSETS = ["swe-agent", "mini"] as const;
export const SANDBOXES = ["auto", "bubblewrap", "virtual-bash"] as const;
/** The names that core/survey/languages gives to what it can read. */
export const SURVEYED_LANGUAGES = [
  "python",
  "javascript",
  "typescript",
  "tsx",
  "go",
  "java",
  "rust",
  "c",
  "cpp",
  "csharp",
  "ruby",
  "php",
  "kotlin",
] as const;
export const SELECTIONS = ["ratio", "random", "balanced"] as const;

const repo = z.strictObject({
  source: text.default(".").meta({ description: "A git work tree, a bare repository, a folder inside one, or a plain folder." }),
  commit: text.default("HEAD").meta({ description: "Branch, tag or commit id. A plain folder has none." }),
  include: z.array(text).default([]).meta({ description: "Folders or patterns to take functions from. Empty: everywhere." }),
  exclude: z.array(text).default([]).meta({ description: "Folders or patterns to leave out." }),
});

const survey = z.strictObject({
  skipTests: z.boolean().default(true).meta({ description: "Leave test code out." }),
  skipVendored: z.boolean().default(true).meta({ description: "Leave out node_modules, vendor and the like." }),
  skipGenerated: z.boolean().default(true).meta({ description: "Leave out files that say that they are generated." }),
  maxFileMb: z.number().positive().default(2).meta({ description: "Larger files are skipped. Megabytes." }),
  languages: z
    .array(z.enum(SURVEYED_LANGUAGES))
    .default([])
    .meta({ description: "Only these languages. Empty: every language that serac knows." }),
});

const environment = z.strictObject({
  install: z
    .array(text)
    .default([])
    .meta({ description: "Commands that make the code runnable. They run once a run, in the sandbox, the only time with network." }),
  timeoutMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .default(20)
    .meta({ description: "For all of `install` together. Minutes." }),
  mounts: z
    .array(text)
    .default([])
    .meta({ description: "Host folders shown read-only inside the sandbox at the same path: toolchains that live outside the system." }),
  memoryMb: z.int().min(64).default(2048).meta({ description: "Memory of one rollout. Megabytes." }),
  processes: z.int().min(16).default(512).meta({ description: "Processes of one rollout." }),
  diskMb: z.int().min(16).default(1024).meta({ description: "What one rollout may write. Megabytes." }),
});

const price = z.strictObject({
  input: usdPerMillion.default(0).meta({ description: "USD per 1M input tokens." }),
  cachedInput: usdPerMillion.optional().meta({ description: "USD per 1M input tokens that the teacher had cached. Left out: as `input`." }),
  output: usdPerMillion.default(0).meta({ description: "USD per 1M output tokens." }),
});

const teacher = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .meta({ description: "Any OpenAI-compatible endpoint.", allowed: 'an http or https address, such as "http://gpu:8000/v1"' }),
  model: text.meta({ description: "As the endpoint calls it." }),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional()
    .meta({
      description: "Name of the environment variable that holds the API key. Left out: no key is sent.",
      allowed: "the name of an environment variable (letters, digits and _), never the key itself",
    }),
  apiKeySecret: z
    .string()
    .regex(/^serac\/[A-Za-z0-9/_+=.@-]+$/)
    .optional()
    .meta({
      description: "Name of the secret in AWS Secrets Manager that holds the API key, for runs in the cloud.",
      allowed: "the name of a secret, which must begin with serac/: the functions may read no others",
    }),
  temperature: z.number().min(0).max(2).default(0.6).meta({ description: "Sampling temperature (the paper's: 0.6)." }),
  concurrency: z.int().min(1).max(4096).default(32).meta({ description: "Rollouts, and so calls, at once." }),
  timeoutSeconds: z
    .number()
    .positive()
    .max(7200)
    .default(600)
    .meta({ description: "Silence on the line for this long is a timeout. Seconds." }),
  maxOutputTokens: z.int().min(1).optional().meta({ description: "Limit of one reply. Tokens. Left out: the endpoint's own." }),
  price: price.default({ input: 0, output: 0 }).meta({ description: "What the teacher costs." }),
});

const plan = z.strictObject({
  samples: z.int().min(1).max(10_000_000).default(8000).meta({ description: "Samples to plan at most." }),
  perFunction: z.int().min(1).max(51).default(1).meta({ description: "Samples of one function at most, each with another bug kind." }),
  seed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(1)
    .meta({ description: "The same repository, settings and seed give the same plan." }),
  kindWeights: z.record(z.string(), z.number().min(0)).default({}).meta({
    description: "How often a bug kind is drawn, 1 where not given. 0 drops the kind.",
    allowed: "bug kinds and their weights, 0 or more",
  }),
  kinds: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), text)
    .default({})
    .meta({
      description: "Bug kinds of your own, id and description; `{function}` and `{path}` in it are filled in.",
      allowed: "ids (lower case letters, digits and -) and their descriptions",
    }),
});

const rollout = z.strictObject({
  toolset: z.enum(TOOLSETS).default("swe-agent").meta({ description: "The tools and prompts that the agent sees." }),
  maxCalls: z.int().min(1).max(10_000).default(115).meta({ description: "Teacher calls of one rollout." }),
  commandSeconds: z.number().positive().default(300).meta({ description: "Time limit of one command. Seconds." }),
  totalCommandSeconds: z.number().positive().default(1800).meta({ description: "Time of all commands of one rollout. Seconds." }),
  contextTokens: z.int().min(1024).default(32_768).meta({ description: "The teacher's window as far as it is used. Tokens." }),
  attempts: z.int().min(1).max(10).default(3).meta({ description: "First rollouts of a sample at most, each with a new bug kind." }),
  sandbox: z
    .enum(SANDBOXES)
    .default("auto")
    .meta({ description: "Where commands run. auto: bubblewrap where it works, else virtual-bash." }),
});

const describe = z.strictObject({
  demonstrations: text
    .optional()
    .meta({ description: "JSON file or folder with issue texts to use as style demonstrations, before the repository's own history." }),
});

const verify = z.strictObject({
  threshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta({ description: "Recall from which a second rollout is accepted. 1 = hard, 0 = none." }),
});

const budget = z.strictObject({
  usd: z.number().min(0).optional().meta({ description: "The run pauses before it spends more. USD. Left out: no limit." }),
});

const dataset = z.strictObject({
  formats: z.array(z.enum(DATASET_FORMATS)).min(1).default(["hermes"]).meta({ description: "What the run exports when it is finished." }),
  maxPatchLines: z.int().min(1).default(40).meta({ description: "Trajectories with more added and deleted lines are left out." }),
  meanObservationTokens: z
    .number()
    .positive()
    .default(600)
    .meta({ description: "Those with longer observations on average are left out. Tokens." }),
  minKeptRatio: z
    .number()
    .min(0)
    .max(1)
    .default(0.88)
    .meta({ description: "Those that keep a smaller share of their messages within `rollout.contextTokens` are left out." }),
  select: z.enum(SELECTIONS).default("ratio").meta({ description: "Who is taken first when `maxSamples` does not take all." }),
  maxSamples: z.int().min(1).optional().meta({ description: "Rows of each dataset at most. Left out: all." }),
  includeUnsubmitted: z.boolean().default(false).meta({ description: "Take rollouts, too, that ended in another way than by submitting." }),
});

const train = z.strictObject({
  base: text.default("Qwen/Qwen3-32B").meta({
    description:
      "The open model to train: a name, a folder, or an s3:// address. In the cloud a name is looked for below bases/ in the bucket.",
  }),
  revision: text.optional().meta({ description: "Commit, branch or tag of the base, where it comes from a model hub." }),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i)
    .optional()
    .meta({
      description: "What the model is called. Left out: as the run.",
      allowed: "up to 63 letters, digits, dots, - and _, beginning with a letter or a digit",
    }),
  method: z.enum(["lora", "full"]).default("lora").meta({ description: "An adapter, or all weights." }),
  datasets: z
    .array(z.enum(["t1", "t2"]))
    .min(1)
    .default(["t1", "t2"])
    .meta({ description: "First rollouts, second rollouts, or both." }),
  contextTokens: z.int().min(256).default(32_768).meta({ description: "Longer trajectories are cut behind a reply, or left out. Tokens." }),
  epochs: z.number().positive().max(100).default(3).meta({ description: "How often each trajectory is seen." }),
  learningRate: z.number().positive().max(1).optional().meta({ description: "Left out: 1e-4 for lora, 1e-5 for full." }),
  batchSize: z.int().min(1).max(4096).default(32).meta({ description: "Trajectories of one step, over all GPUs together." }),
  warmupSteps: z.int().min(0).default(48).meta({ description: "Steps until the full learning rate; fewer for small datasets." }),
  weightDecay: z.number().min(0).max(1).default(0.01).meta({ description: "Of AdamW." }),
  loraRank: z.int().min(1).max(512).default(32).meta({ description: "With `lora`: rank of the adapter." }),
  loraAlpha: z.number().positive().optional().meta({ description: "With `lora`: scale of the adapter. Left out: twice the rank." }),
  saveSteps: z.int().min(1).default(25).meta({ description: "Steps between checkpoints: what a stopped machine costs at most." }),
  heldOut: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.02)
    .meta({ description: "Share of the trajectories that is not trained on, to measure the loss with." }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ description: "Of the order of the trajectories and of the adapter." }),
  machine: z
    .enum(["auto", ...TRAINING_MACHINES])
    .default("auto")
    .meta({
      description: "In the cloud: the EC2 instance type. auto: the cheapest of the deployment that holds the model.",
    }),
  nodes: z.int().min(1).max(16).default(1).meta({ description: "In the cloud: how many machines train together." }),
  capacity: z.enum(["auto", "spot", "on-demand", "block"]).default("auto").meta({
    description:
      "In the cloud: how the machines are bought. auto: spot, on demand where none is to be had; several machines are never spot.",
  }),
  maxHours: z
    .number()
    .positive()
    .max(336)
    .default(48)
    .meta({ description: "In the cloud: training is stopped after that, and fails. Hours of one try." }),
  maxUsd: z
    .number()
    .positive()
    .optional()
    .meta({ description: "Training that is estimated to cost more does not start. USD. Left out: no limit." }),
  allowRehearsal: z
    .boolean()
    .default(false)
    .meta({ description: "Train on what the rehearsal teacher made, which teaches nothing but shows that all parts work." }),
});

const serve = z.strictObject({
  isolation: z
    .enum(["shared", "dedicated"])
    .default("shared")
    .meta({ description: "A team's endpoint, or one user's with a time to live." }),
});

export const configSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i)
    .optional()
    .meta({
      description: "What the run and its dataset are called. Left out: the repository's folder.",
      allowed: "up to 63 letters, digits, dots, - and _, beginning with a letter or a digit",
    }),
  repo: repo.prefault({}).meta({ description: "Where the code is." }),
  survey: survey.prefault({}).meta({ description: "Which of its functions count." }),
  environment: environment.prefault({}).meta({ description: "What the agent's commands run in." }),
  teacher: teacher.optional().meta({ description: "The model that generates." }),
  plan: plan.prefault({}).meta({ description: "What is generated." }),
  rollout: rollout.prefault({}).meta({ description: "One session of the agent." }),
  describe: describe.prefault({}).meta({ description: "The text that the second rollout works from." }),
  verify: verify.prefault({}).meta({ description: "Soft verification." }),
  budget: budget.prefault({}).meta({ description: "What the run may spend." }),
  dataset: dataset.prefault({}).meta({ description: "What goes into the dataset." }),
  train: train.optional().meta({ description: "Training on the dataset." }),
  serve: serve.optional().meta({ description: "Serving the trained model." }),
});

export type SeracConfig = z.infer<typeof configSchema>;
/** Before defaults: what a file or the flags of a command may hold. */
export type ConfigInput = z.input<typeof configSchema>;
export type TeacherConfig = z.infer<typeof teacher>;
export type TrainConfig = z.infer<typeof train>;
/** What `train: {}` means. */
export const TRAIN_DEFAULTS: TrainConfig = train.parse({});
