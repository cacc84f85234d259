import * as z from "zod";
import { SeracError } from "../errors/index.ts";
import type { NewTask } from "../svg/queue.ts";

/** Bodies of the queues `prepare` and `finish`. A task of `work` is the id of a sample. */
const prepareMessage = z.strictObject({
  runId: z.string().min(1),
  /** The first sample that is not known to be written down. */
  nextIndex: z.int().min(0).default(0),
  /** The teacher answered already, in an earlier task. */
  isTeacherKnown: z.boolean().default(false),
  /** Failed samples with a greater index are taken up again before the run goes on; null: none are. */
  retryAfter: z.int().min(-1).nullable().default(null),
  /** All is there: the samples only wait for their first tasks. */
  isReady: z.boolean().default(false),
  /** Another task was preparing the run when this one came for the first time. */
  isSecondLook: z.boolean().default(false),
});
const finishMessage = z.strictObject({ runId: z.string().min(1) });

export type PrepareMessage = z.infer<typeof prepareMessage>;
export type FinishMessage = z.infer<typeof finishMessage>;

export const readPrepareMessage = (body: string): PrepareMessage => read(prepareMessage, body);
export const readFinishMessage = (body: string): FinishMessage => read(finishMessage, body);

/** Each step has an id of its own: a step must not get lost because another one of the same run is waiting. */
export function prepareTaskOf(message: z.input<typeof prepareMessage>): NewTask {
  const { runId, nextIndex, retryAfter, isReady, isSecondLook } = prepareMessage.parse(message);
  const step = [nextIndex, retryAfter ?? "n", ...(isReady ? ["ready"] : []), ...(isSecondLook ? ["again"] : [])].join("-");
  return { id: `${runId}-prepare-${step}`, body: JSON.stringify(message) };
}

export const finishTaskOf = (runId: string): NewTask => ({ id: `${runId}-finish`, body: JSON.stringify({ runId }) });

export const sampleTaskOf = ({ id }: { readonly id: string }): NewTask => ({ id, body: id });

function read<T>(schema: z.ZodType<T>, body: string): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch (cause) {
    throw new SeracError("record_invalid", `A task holds ${JSON.stringify(body.slice(0, 200))}, which serac did not write.`, { cause });
  }
}
