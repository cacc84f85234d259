import { TeacherError } from "../errors/index.ts";
import type { Message } from "../agent/messages.ts";
import type { JournalEntry, ReplyEntry } from "../agent/journal.ts";
import { payForCall, settleReply, type PaidCallDeps } from "../agent/paid-call.ts";
import type { Step } from "../agent/trajectory.ts";
import { meterOf } from "./meter.ts";
import type { StageContext } from "./stages/stage.ts";
import { dropOldestQuarter } from "./transcript.ts";

/** Replies that are paid for, at most, until one can be read. Source: SERA's self-evaluation. */
const MAX_TRIES = 3;

export interface Asked<T> {
  /** Null when no reply could be read. */
  readonly value: T | null;
}

/**
 * A single question about a rollout, asked anew until `read` understands the answer. Journaled as a stream of its own, so
 * replies that were paid for before a crash are read again and not asked for again. When the steps do not fit the teacher's
 * window, the oldest quarter is dropped until they do.
 */
export async function askUntil<T>(
  streamId: string,
  steps: readonly Step[],
  prompt: (steps: readonly Step[]) => readonly Message[],
  read: (content: string) => T | null,
  context: StageContext,
): Promise<Asked<T> | "continue"> {
  const { platform, run } = context;
  const deps: PaidCallDeps = {
    ...platform,
    meter: meterOf(platform.store, run.record.id),
    signal: context.signal,
    deadlineMs: context.deadlineMs,
  };
  const replies = [...(await platform.journal.read(streamId))].filter(isReply);
  const last = replies.at(-1);
  if (last !== undefined) await settleReply(last, deps.meter);

  let shown: readonly Step[] = steps;
  for (let number = 0; number < MAX_TRIES; number++) {
    let reply = replies[number];
    while (reply === undefined) {
      const asked = await askOnce(streamId, number, prompt(shown), deps, context);
      if (asked === "continue") return "continue";
      if (asked === "too long") {
        const fewer = dropOldestQuarter(shown);
        if (fewer === null) return { value: null };
        shown = fewer;
        continue;
      }
      replies.push(asked);
      reply = asked;
    }
    const value = read(reply.message.content);
    if (value !== null) return { value };
  }
  return { value: null };
}

async function askOnce(
  streamId: string,
  number: number,
  messages: readonly Message[],
  deps: PaidCallDeps,
  context: StageContext,
): Promise<ReplyEntry | "continue" | "too long"> {
  const { config } = context.run.record;
  const teacher = config.teacher!;
  try {
    return await payForCall(
      {
        streamId,
        n: number,
        callNumber: number,
        request: { messages, tools: [], temperature: teacher.temperature, maxOutputTokens: teacher.maxOutputTokens ?? 4096 },
        price: teacher.price,
        contextTokens: config.rollout.contextTokens,
      },
      deps,
    );
  } catch (error) {
    if (error instanceof TeacherError && error.code === "teacher_context_overflow") return "too long";
    throw error;
  }
}

function isReply(entry: JournalEntry): entry is ReplyEntry {
  return entry.type === "reply";
}
