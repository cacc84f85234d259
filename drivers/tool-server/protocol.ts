import * as z from "zod";

/**
 * How a sandbox is spoken to from afar. A call has an id that its client made up:
 * `PUT /v1/calls/<id>` starts it unless it was started before, and like `GET` on the same address answers 200 with the result,
 * or 202 when it is not there after `?wait=<ms>`; `DELETE` ends it. So an answer that got lost can be asked for again, and
 * nothing is ever done twice. `GET /v1/health` needs no secret and tells who is there.
 */
export const PROTOCOL_VERSION = 1;
export const HEALTH_PATH = "/v1/health";
export const CALLS_PATH = "/v1/calls/";
/** On every answer of ours: which process it comes from, so that another one that took its place is noticed. */
export const INSTANCE_HEADER = "x-serac-instance";
/** Ids of calls whose results have arrived, with commas between. */
export const DONE_HEADER = "x-serac-done";

export const MAX_HEAD_BYTES = 4_000_000;
export const MAX_BODY_BYTES = 100_000_000;
/** What one answer waits at most; proxies cut what is silent for longer than a minute. */
export const MAX_WAIT_MS = 20_000;

const callId = /^[0-9a-f-]{36}$/;
export const isCallId = (text: string): boolean => callId.test(text);

const size = z.int().min(0).max(MAX_BODY_BYTES);
const count = z.int().min(0).max(1_000_000);
const limits = z.strictObject({ memoryMb: z.int().min(1), processes: z.int().min(1), diskMb: z.int().min(1), fileMb: z.int().min(1) });

/** The body is the checkpoint's patch, or the content of the file that is written. */
export const requestHead = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("open"),
    limits,
    checkpoint: z.strictObject({ cwd: z.string(), env: z.record(z.string(), z.string()) }).nullable(),
  }),
  z.strictObject({
    op: z.literal("exec"),
    command: z.string(),
    timeoutMs: z.number().min(0).max(86_400_000),
    shell: z.enum(["session", "fresh"]),
  }),
  z.strictObject({ op: z.literal("checkSyntax"), command: z.string() }),
  z.strictObject({ op: z.literal("stat"), path: z.string() }),
  z.strictObject({ op: z.literal("readFile"), path: z.string(), maxBytes: size }),
  z.strictObject({ op: z.literal("writeFile"), path: z.string() }),
  z.strictObject({ op: z.literal("list"), path: z.string(), depth: count, limit: count }),
  z.strictObject({ op: z.literal("diff"), maxBytes: size }),
  z.strictObject({ op: z.literal("checkpoint"), maxBytes: size }),
]);
export type RequestHead = z.infer<typeof requestHead>;

const kind = z.enum(["file", "directory", "other"]);
export const opened = z.strictObject({ baseCommit: z.string() });
export const executed = z.strictObject({
  omittedBytes: z.number().min(0),
  outcome: z.enum(["exited", "timeout", "output_limit"]),
  exitCode: z.int().nullable(),
  restarted: z.string().nullable(),
  durationMs: z.number().min(0),
});
export const sentence = z.string().nullable();
export const fileStat = z.strictObject({ kind, size: z.number().min(0) }).nullable();
/** The content is the body. */
export const presence = z.boolean();
export const entries = z.array(z.strictObject({ path: z.string(), kind }));
/** The patch is the body. */
export const savedState = z.strictObject({ cwd: z.string(), env: z.record(z.string(), z.string()) }).nullable();

export const health = z.object({ protocol: z.int(), isReady: z.boolean(), reason: z.string().nullable() });

export const resultHead = z.discriminatedUnion("isDone", [
  z.strictObject({ isDone: z.literal(true), value: z.unknown() }),
  z.strictObject({
    isDone: z.literal(false),
    /** `aborted`: by the one who called. `sandbox`: an error of the port. `defect`: anything else. */
    why: z.enum(["aborted", "sandbox", "defect"]),
    message: z.string(),
    hint: z.string().nullable(),
  }),
]);
export type ResultHead = z.infer<typeof resultHead>;
