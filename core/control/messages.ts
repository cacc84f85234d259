import * as z from "zod";
import { SeracError } from "../errors/index.ts";

/** Bodies of the queues `prepare` and `finish`. A task of `work` is the id of a sample. */
const prepareMessage = z.strictObject({
  runId: z.string().min(1),
  /** The first sample that is not known to be written down. */
  nextIndex: z.int().min(0).default(0),
});
const finishMessage = z.strictObject({ runId: z.string().min(1) });

export type PrepareMessage = z.infer<typeof prepareMessage>;
export type FinishMessage = z.infer<typeof finishMessage>;

export const readPrepareMessage = (body: string): PrepareMessage => read(prepareMessage, body);
export const readFinishMessage = (body: string): FinishMessage => read(finishMessage, body);

function read<T>(schema: z.ZodType<T>, body: string): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch (cause) {
    throw new SeracError("record_invalid", `A task holds ${JSON.stringify(body.slice(0, 200))}, which serac did not write.`, { cause });
  }
}
