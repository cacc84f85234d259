import type { EndEntry, JournalEntry, ObservationEntry, ReplyEntry } from "./journal.ts";
import type { Message } from "./messages.ts";
import type { Checkpoint } from "./sandbox.ts";
import { NO_USAGE, type Usage } from "./teacher.ts";
import type { Toolset } from "./toolset.ts";
import type { Step } from "./trajectory.ts";

/** Everything that is known of a rollout: the fold of its journal, and nothing beside it. */
export interface Session {
  /** Number of the next journal entry. */
  readonly next: number;
  readonly startedAt: string | null;
  readonly toolset: string | null;
  readonly prompt: readonly Message[];
  readonly steps: readonly Step[];
  readonly toolState: unknown;
  readonly checkpoint: Checkpoint | null;
  /** Calls that ran since that checkpoint, as positions in `steps`, each with the tool state before it. */
  readonly sinceCheckpoint: readonly PastCall[];
  /** A change since that checkpoint was too large to carry. */
  readonly isUncarried: boolean;
  readonly executionMs: number;
  readonly timeoutsInARow: number;
  readonly requeriesInARow: number;
  readonly usage: Usage;
  readonly costMicroUsd: number;
  readonly rehearsal: boolean;
  readonly end: EndEntry | null;
}

export interface PastCall {
  readonly step: number;
  readonly call: number;
  readonly stateBefore: unknown;
}

export function newSession(toolset: Toolset): Session {
  return {
    next: 0,
    startedAt: null,
    toolset: null,
    prompt: [],
    steps: [],
    toolState: toolset.initialState,
    checkpoint: null,
    sinceCheckpoint: [],
    isUncarried: false,
    executionMs: 0,
    timeoutsInARow: 0,
    requeriesInARow: 0,
    usage: NO_USAGE,
    costMicroUsd: 0,
    rehearsal: false,
    end: null,
  };
}

export function foldJournal(entries: readonly JournalEntry[], toolset: Toolset): Session {
  return entries.reduce((session, entry) => applyEntry(session, entry, toolset), newSession(toolset));
}

/** Pure. The same for a live entry and for one that is read back. */
export function applyEntry(before: Session, entry: JournalEntry, toolset: Toolset): Session {
  const session = { ...before, next: before.next + 1 };
  switch (entry.type) {
    case "start":
      return { ...session, startedAt: entry.at, toolset: entry.toolset, prompt: entry.messages };
    case "reply":
      return withReply(session, entry);
    case "requery":
      return {
        ...session,
        steps: changeLast(session.steps, (step) => ({ ...step, requery: entry.content })),
        requeriesInARow: session.requeriesInARow + 1,
      };
    case "observation":
      return withObservation(session, entry, toolset);
    default:
      return { ...session, end: entry };
  }
}

function withReply(session: Session, entry: ReplyEntry): Session {
  const step: Step = {
    callId: entry.callId,
    reply: entry.message,
    finishReason: entry.finishReason,
    observations: [],
    requery: null,
    usage: entry.usage,
    costMicroUsd: entry.costMicroUsd,
    model: entry.model,
    latencyMs: entry.latencyMs,
    at: entry.at,
  };
  return {
    ...session,
    steps: [...session.steps, step],
    usage: sum(session.usage, entry.usage),
    costMicroUsd: session.costMicroUsd + entry.costMicroUsd,
    rehearsal: session.rehearsal || entry.rehearsal,
  };
}

function withObservation(session: Session, entry: ObservationEntry, toolset: Toolset): Session {
  const { toolCallId, content, executionMs, timedOut } = entry;
  const past: PastCall = {
    step: session.steps.length - 1,
    call: session.steps.at(-1)?.observations.length ?? 0,
    stateBefore: session.toolState,
  };
  const isCarried = entry.checkpoint !== undefined;
  return {
    ...session,
    steps: changeLast(session.steps, (step) => ({
      ...step,
      observations: [...step.observations, { toolCallId, content, executionMs, timedOut }],
    })),
    toolState: toolset.reduce(session.toolState, entry.effect),
    checkpoint: entry.checkpoint ?? session.checkpoint,
    sinceCheckpoint: isCarried ? [] : [...session.sinceCheckpoint, past],
    isUncarried: !isCarried && (session.isUncarried || entry.isUncarried === true),
    executionMs: session.executionMs + executionMs,
    timeoutsInARow: timedOut ? session.timeoutsInARow + 1 : 0,
    requeriesInARow: 0,
  };
}

function changeLast(steps: readonly Step[], change: (step: Step) => Step): readonly Step[] {
  const last = steps.at(-1);
  return last === undefined ? steps : [...steps.slice(0, -1), change(last)];
}

function sum(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
  };
}
