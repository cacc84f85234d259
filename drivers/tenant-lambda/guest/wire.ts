import * as z from "zod";

/**
 * How the function is spoken to: one event asks for one thing, one answer tells of it. Requests of the tool server's protocol and their results are
 * bytes that travel in parts, since an event or an answer holds 6 MB (AWS, "Lambda quotas"). An environment tells its `instance`, and answers to those
 * alone who mean that one: whoever comes to another has lost his workspace, and nothing is done for him.
 */
export const WIRE_VERSION = 1;
/** In base64 5.3 MB of the 6. */
export const PART_BYTES = 4_000_000;
/** What one invocation waits for a result. Short, because only one can be under way, and an abort comes after it. */
export const SLICE_MS = 2_000;
/** Until what was aborted has ended. */
export const ABORT_WAIT_MS = 15_000;
/** Of the packed repository, compressed. */
export const MAX_BASE_BYTES = 1_000_000_000;
/** A request of the tool server's protocol, or its result. */
export const MAX_BYTES = 104_000_004;

const id = z.uuid();
const at = z.int().min(0);
/** Base64. */
const data = z.string().max(6_000_000);
const total = z.int().min(1).max(MAX_BYTES);

const asked = z.discriminatedUnion("do", [
  /** Bytes of the packed repository, from `at` on. The same part may come twice. */
  z.strictObject({ do: z.literal("load"), at, data }),
  /** Bytes of a request. With the last of them it is begun, unless it was before. */
  z.strictObject({ do: z.literal("start"), id, at, total, data }),
  z.strictObject({ do: z.literal("look"), id }),
  z.strictObject({ do: z.literal("take"), id, at }),
  z.strictObject({ do: z.literal("abort"), id }),
  /** Ends what runs and removes what is there. */
  z.strictObject({ do: z.literal("close") }),
]);
export type Asked = z.infer<typeof asked>;

export const event = z.strictObject({
  v: z.literal(WIRE_VERSION),
  /** Null: of whichever environment this is. */
  instance: z.uuid().nullable(),
  /** Ids of requests whose results have arrived. */
  done: z.array(id).max(100),
  ask: asked,
});
export type SandboxEvent = z.infer<typeof event>;

const told = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("stored") }),
  z.strictObject({ is: z.literal("running") }),
  /** The first part of the result comes along. */
  z.strictObject({ is: z.literal("finished"), total, data }),
  z.strictObject({ is: z.literal("part"), data }),
  /** Another environment is meant. */
  z.strictObject({ is: z.literal("stranger") }),
  z.strictObject({ is: z.literal("refused"), why: z.string() }),
]);
export type Told = z.infer<typeof told>;

export const answer = z.strictObject({ v: z.literal(WIRE_VERSION), instance: z.uuid(), tell: told });
export type SandboxAnswer = z.infer<typeof answer>;
