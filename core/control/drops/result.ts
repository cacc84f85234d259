import * as z from "zod";
import { RUN_STATES, type RunState } from "../../svg/store.ts";
import { MODEL_STATES } from "../../training/model.ts";

const count = z.int().min(0);

/** The newest run that was made from the drop. */
const dropRun = z.strictObject({
  id: z.string(),
  state: z.enum(RUN_STATES),
  createdAt: z.string(),
  planned: count,
  done: count,
  accepted: count,
  rejected: count,
  failed: count,
  spentUsd: z.number().min(0),
  /** Why it is paused or failed. */
  detail: z.string().nullable(),
  /** Where the dataset lies; null until the run is at its end. */
  dataset: z.string().nullable(),
  /** What its `train` section has made; null without one, and until the run is finished. Left out by older versions. */
  model: z
    .strictObject({
      id: z.string(),
      state: z.enum(MODEL_STATES),
      /** What is waited for, or why it failed. */
      detail: z.string().nullable(),
      /** Where its files lie; null until it is ready. */
      location: z.string().nullable(),
    })
    .nullable()
    .default(null),
});

/** `drops/<name>/result.json`: what became of what lies beside it. `state` and `message` speak of its newest content. */
export const dropResultSchema = z.strictObject({
  schema: z.literal("serac.drop/1"),
  drop: z.string(),
  state: z.enum(["waiting", "refused", "accepted", "running", "paused", "failed", "finished", "cancelled"]),
  /** For a person. */
  message: z.string(),
  /** Stable, for scripts; of a refusal. */
  code: z.string().nullable(),
  hint: z.string().nullable(),
  /** What is not used, or was noticed. */
  notes: z.array(z.string()),
  run: dropRun.nullable(),
  /** ISO 8601. */
  updatedAt: z.string(),
});

export type DropResult = z.infer<typeof dropResultSchema>;
export type DropState = DropResult["state"];
export type DropRun = z.infer<typeof dropRun>;

export const dropStateOf = (state: RunState): DropState => (state === "preparing" ? "accepted" : state);
