import * as z from "zod";
import { type GatewaySettings, gatewaySettings } from "../core/config/cloud/gateway.ts";
import type { CloudQueue } from "../core/config/cloud/names.ts";
import { readSandboxSettings, type SandboxSettings } from "../core/config/cloud/sandbox.ts";
import { readTrainingSettings, type TrainingSettings } from "../core/config/cloud/training.ts";
import { InputError } from "../core/errors/index.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What the functions that work on runs are told by their stack. */
export interface StateEnvironment {
  readonly table: string;
  readonly bucket: string;
  readonly queues: Readonly<Record<CloudQueue, { readonly url: string; readonly deadUrl: string }>>;
  readonly version: string;
}

const text = z.string().min(1);
const queueUrl = z.url({ protocol: /^https?$/ });

const state = z
  .object({
    SERAC_TABLE: text,
    SERAC_BUCKET: text,
    SERAC_QUEUE_PREPARE: queueUrl,
    SERAC_QUEUE_WORK: queueUrl,
    SERAC_QUEUE_FINISH: queueUrl,
    SERAC_QUEUE_TRAIN: queueUrl,
    SERAC_DEAD_PREPARE: queueUrl,
    SERAC_DEAD_WORK: queueUrl,
    SERAC_DEAD_FINISH: queueUrl,
    SERAC_DEAD_TRAIN: queueUrl,
    SERAC_VERSION: text,
  })
  .transform((env): StateEnvironment => ({
    table: env.SERAC_TABLE,
    bucket: env.SERAC_BUCKET,
    queues: {
      prepare: { url: env.SERAC_QUEUE_PREPARE, deadUrl: env.SERAC_DEAD_PREPARE },
      work: { url: env.SERAC_QUEUE_WORK, deadUrl: env.SERAC_DEAD_WORK },
      finish: { url: env.SERAC_QUEUE_FINISH, deadUrl: env.SERAC_DEAD_FINISH },
      train: { url: env.SERAC_QUEUE_TRAIN, deadUrl: env.SERAC_DEAD_TRAIN },
    },
    version: env.SERAC_VERSION,
  }));

const sandbox = z.object({ SERAC_SANDBOX: text.optional() });
const training = z.object({ SERAC_TRAINING: text.optional() });

const gateway = z
  .object({ SERAC_TABLE: text, SERAC_GATEWAY: text.transform(parsed).pipe(gatewaySettings) })
  .transform((env): { readonly table: string; readonly settings: GatewaySettings } => ({
    table: env.SERAC_TABLE,
    settings: env.SERAC_GATEWAY,
  }));

/** Each throws InputError("config_invalid") that names every variable that is missing or wrong. */
export const stateEnvironment = (env: Env): StateEnvironment => read(state, env);
export const gatewayEnvironment = (env: Env): z.infer<typeof gateway> => read(gateway, env);

/** Null: this deployment has no sandbox. */
export function sandboxSettings(env: Env): SandboxSettings | null {
  const { SERAC_SANDBOX: settings } = read(sandbox, env);
  return settings === undefined ? null : readSandboxSettings(settings);
}

/** Null: no models are trained in this deployment. */
export function trainingSettings(env: Env): TrainingSettings | null {
  const { SERAC_TRAINING: settings } = read(training, env);
  return settings === undefined ? null : readTrainingSettings(settings);
}

function read<Schema extends z.ZodType>(schema: Schema, env: Env): z.infer<Schema> {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map(({ path, message }) => {
    const name = String(path[0] ?? "");
    return env[name] === undefined ? `${name} is not set` : `${path.join(".")}: ${message}`;
  });
  throw new InputError("config_invalid", `The function's environment is not complete: ${mistakes.join("; ")}.`, {
    hint: "The stacks set these variables: deploy them again instead of changing the function by hand.",
  });
}

function parsed(value: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(value);
  } catch {
    context.addIssue({ code: "custom", message: "it is no JSON" });
    return z.NEVER;
  }
}
