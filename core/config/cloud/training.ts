import * as z from "zod";
import { InputError } from "../../errors/index.ts";
import { TRAINING_MACHINES } from "./machines.ts";

/** What the training stack tells the functions of its queues: SERAC_TRAINING, as JSON. */

export const MACHINE_CAPACITIES = ["spot", "on-demand", "block"] as const;
export type MachineCapacity = (typeof MACHINE_CAPACITIES)[number];

// ARNs or names, as SubmitJob takes them. A definition without its revision is the newest one.
const named = z.string().regex(/^[A-Za-z0-9:/_-]{1,256}$/, "must be the name or the ARN of something of AWS Batch");

const offer = z.strictObject({
  machine: z.enum(TRAINING_MACHINES),
  /** At once, in each queue. */
  maxMachines: z.int().min(1),
  vcpus: z.int().min(1),
  /** What a job may have. */
  memoryMib: z.int().min(1),
  gpus: z.int().min(1),
  /** Job queues by how their machines are bought. That of spot machines may go on to others, see `isSpotAlone`. */
  queues: z.partialRecord(z.enum(MACHINE_CAPACITIES), named),
  /** Several machines together; left out: these have no network for that. */
  jobDefinitions: z.strictObject({ oneNode: named, manyNodes: named.optional() }),
});

const trainingSettings = z.strictObject({
  machines: z.array(offer).min(1),
  /** Whether jobs wait for spot machines only, however long none is to be had. */
  isSpotAlone: z.boolean().default(false),
});

export type TrainingOffer = z.infer<typeof offer>;
export type TrainingSettings = z.infer<typeof trainingSettings>;
export type TrainingSettingsInput = z.input<typeof trainingSettings>;

/** Throws InputError("config_invalid") that names the key. */
export function readTrainingSettings(text: string): TrainingSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError("config_invalid", "The settings of training (SERAC_TRAINING) are no JSON.", { hint: HINT, cause });
  }
  const read = trainingSettings.safeParse(value);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  const key = first?.path.join(".") ?? "";
  const message = `The settings of training (SERAC_TRAINING): ${key === "" ? "" : `${key}: `}${first?.message ?? "invalid"}.`;
  throw new InputError("config_invalid", message, { hint: HINT });
}

const HINT = "The training stack writes them; deploy it again.";

/** What AWS Batch takes as the name of a job: ids may have dots, which it does not. */
export const jobNameOf = (modelId: string): string => modelId.replaceAll("_", "__").replaceAll(".", "_-");

/** Whose job it is. What serac did not name comes back as some id or other, which no model has. */
export const modelOfJob = (jobName: string): string => jobName.replaceAll(/_[_-]/g, (pair) => (pair === "__" ? "_" : "."));
