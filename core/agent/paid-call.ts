import type { Clock } from "../errors/clock.ts";
import { ConflictError, PausedError, type TeacherError } from "../errors/index.ts";
import type { TeacherConfig } from "../config/schema.ts";
import { costMicroUsd } from "./cost.ts";
import { withCallIds } from "./history.ts";
import type { Journal, ReplyEntry } from "./journal.ts";
import type { Message } from "./messages.ts";
import { DEFAULT_RETRY, OutOfTime, withRetries, type RetryPolicy } from "./retry.ts";
import type { Teacher, TeacherReply, TeacherRequest, Usage } from "./teacher.ts";

/** The spend of one run, by call id. See RunStore for the meaning of each. */
export interface Meter {
  /** PausedError("budget_exhausted") when the budget does not hold it. */
  reserve(callId: string, amountMicroUsd: number): Promise<void>;
  settle(callId: string, amountMicroUsd: number, usage: Usage): Promise<void>;
  release(callId: string): Promise<void>;
}

export interface PaidCallDeps {
  readonly teacher: Teacher;
  readonly journal: Journal;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  readonly retry?: RetryPolicy;
  /** In [0, 1); for the jitter of waits. */
  readonly random?: () => number;
}

export interface PaidCall {
  /** Where the reply is journaled, and under which number. */
  readonly streamId: string;
  readonly n: number;
  /** Which call of the stream this is, from 0: part of the call id. */
  readonly callNumber: number;
  readonly request: Omit<TeacherRequest, "callId" | "signal">;
  readonly price: TeacherConfig["price"];
  /** The window of the model; bounds what a call can cost. */
  readonly contextTokens: number;
}

/**
 * One call that is paid once: reserve, ask (with retries under the same call id), journal the reply, settle.
 * Returns `continue` when the signal was aborted or the deadline came first. Throws TeacherError when retries are used
 * up, PausedError when the budget is, ConflictError when another worker journaled this call first. After any of these
 * the call can be made again.
 */
export async function payForCall(call: PaidCall, deps: PaidCallDeps): Promise<ReplyEntry | "continue"> {
  const callId = callIdOf(call.streamId, call.callNumber);
  let reply: TeacherReply;
  try {
    reply = await ask(call, callId, deps);
  } catch (error) {
    const isStopped = error instanceof OutOfTime || deps.signal?.aborted === true;
    if (isStopped && !(error instanceof PausedError) && !(error instanceof ConflictError)) return "continue";
    throw error;
  }
  const entry = replyEntry(reply, call, callId, new Date(deps.clock.now()).toISOString());
  await deps.journal.append(call.streamId, call.n, entry);
  await settleReply(entry, deps.meter);
  return entry;
}

function ask(call: PaidCall, callId: string, deps: PaidCallDeps): Promise<TeacherReply> {
  const { teacher, meter, clock, signal } = deps;
  const bound = reservation(call);
  return withRetries(
    async () => {
      await meter.reserve(callId, bound);
      return teacher.chat({ ...call.request, callId, signal });
    },
    deps.retry ?? DEFAULT_RETRY,
    {
      clock,
      random: deps.random ?? Math.random,
      signal,
      deadlineMs: deps.deadlineMs,
      // A try whose fate is unknown stays reserved; the next try under the same id takes its place.
      onError: async (error) => {
        if (isSurelyUnbilled(error)) await meter.release(callId);
      },
    },
  );
}

export function callIdOf(streamId: string, callNumber: number): string {
  return `${streamId}/${callNumber}`;
}

/** Idempotent; also done for the last reply of a journal that is read back, since a crash may have come between. */
export function settleReply(entry: Pick<ReplyEntry, "callId" | "costMicroUsd" | "usage">, meter: Meter): Promise<void> {
  return meter.settle(entry.callId, entry.costMicroUsd, entry.usage);
}

function replyEntry(reply: TeacherReply, call: PaidCall, callId: string, at: string): ReplyEntry {
  const { finishReason, usage, model, latencyMs, rehearsal } = reply;
  return {
    type: "reply",
    at,
    callId,
    message: withCallIds(reply.message, call.callNumber),
    finishReason,
    usage,
    costMicroUsd: costMicroUsd(usage, call.price),
    model,
    latencyMs,
    rehearsal,
  };
}

/** Where no output limit is set, an answer is expected to stay under this. */
const EXPECTED_OUTPUT_TOKENS = 4096;
/** Code has more; fewer characters a token make the reservation larger, which is the safe side. */
const CHARACTERS_PER_TOKEN = 3;

/** What the call may cost, in micro-dollars: an estimate on the safe side, held until the true cost is known. */
function reservation({ request, price, contextTokens }: PaidCall): number {
  if (price.input === 0 && price.output === 0) return 0;
  const characters = request.messages.reduce((sum, message) => sum + lengthOf(message), JSON.stringify(request.tools).length);
  const inputTokens = Math.min(contextTokens, Math.ceil(characters / CHARACTERS_PER_TOKEN));
  const outputTokens = Math.min(contextTokens, request.maxOutputTokens ?? EXPECTED_OUTPUT_TOKENS);
  return costMicroUsd({ inputTokens, cachedInputTokens: 0, outputTokens }, price);
}

function lengthOf(message: Message): number {
  if (message.role !== "assistant") return message.content.length;
  const calls = message.toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0);
  return message.content.length + (message.reasoning?.length ?? 0) + calls;
}

/** An answer that says no costs nothing, nor does a connection that was never made. Anything else may have been billed. */
export function isSurelyUnbilled(error: TeacherError): boolean {
  if (error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 408) return true;
  if (
    ["teacher_rate_limit", "teacher_auth", "teacher_model_unknown", "teacher_context_overflow", "teacher_rejected", "teacher_tls"].includes(
      error.code,
    )
  ) {
    return true;
  }
  for (let at: unknown = error.cause; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EHOSTUNREACH") return true;
  }
  return false;
}
