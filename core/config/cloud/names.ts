/** What the stacks and the deployed functions call the same things. */

/**
 * `work`: bodies are sample ids. `prepare`, `finish`: JSON, see core/control/messages.ts. `train`: JSON of ours, or what AWS Batch tells of a
 * job. Each has a queue for dead letters.
 */
export const CLOUD_QUEUES = ["prepare", "work", "finish", "train"] as const;
export type CloudQueue = (typeof CLOUD_QUEUES)[number];
/** After that many receives without an acknowledgement a task is a dead letter, as core/svg/queue.ts says; a test compares. */
export const MAX_TASK_RECEIVES = 5;

/** One bundle each: `dist-lambdas/<name>/index.mjs`, whose `handler` is the function. */
export const CLOUD_FUNCTIONS = ["intake", "prepare", "worker", "finish", "train", "bury", "reaper", "control", "gateway"] as const;
export type CloudFunction = (typeof CLOUD_FUNCTIONS)[number];

/** Only secrets below it may be read by the functions. */
export const SECRET_PREFIX = "serac/";

/** What users put in: `drops/<name>/serac.yaml` and the archive. */
export const DROPS_PREFIX = "drops/";
/** Archives that came through the API, by upload id. */
export const UPLOADS_PREFIX = "uploads/";
export const RUNS_PREFIX = "runs/";
export const DATASETS_PREFIX = "datasets/";
export const MODELS_PREFIX = "models/";
/** Open models that the owner of the deployment put there, `bases/Qwen/Qwen3-32B/`: the machines that train have no way out. */
export const BASES_PREFIX = "bases/";

/** Attributes of the one table. Items that live for a while carry `ttl`, seconds since the epoch. */
export const TABLE = {
  partitionKey: "pk",
  sortKey: "sk",
  timeToLive: "ttl",
  /** Sparse: only items that are listed have its keys. */
  index: { name: "listed", partitionKey: "listed_pk", sortKey: "listed_sk" },
} as const;
