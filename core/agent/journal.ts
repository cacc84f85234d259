import type { AssistantMessage, Message } from "./messages.ts";
import type { Checkpoint } from "./sandbox.ts";
import type { Usage } from "./teacher.ts";
import type { ExitStatus } from "./trajectory.ts";

/**
 * Port: the append-only log of one stream (a rollout, a judgement, a pull request text).
 * A teacher reply is appended before anything else happens with it, so no paid call is repeated.
 */
export interface Journal {
  /** Entries are numbered from 0. A second writer of the same number gets ConflictError("journal_conflict"). */
  append(streamId: string, n: number, entry: JournalEntry): Promise<void>;
  /** In order, without gaps. */
  read(streamId: string): Promise<readonly JournalEntry[]>;
  /** The same entries one after the other, for whoever keeps few of them: checkpoints may be large, and all of them are more than memory. */
  visit(streamId: string, see: (entry: JournalEntry) => void): Promise<void>;
}

export type JournalEntry = StartEntry | ReplyEntry | ObservationEntry | RequeryEntry | EndEntry;

interface Stamped {
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface StartEntry extends Stamped {
  readonly type: "start";
  readonly version: 1;
  /** Toolset of a rollout; `judge` or `describe` for single calls. */
  readonly toolset: string;
  /** The messages before the first reply. */
  readonly messages: readonly Message[];
}

export interface ReplyEntry extends Stamped {
  readonly type: "reply";
  readonly callId: string;
  readonly message: AssistantMessage;
  readonly finishReason: string;
  readonly usage: Usage;
  readonly costMicroUsd: number;
  readonly model: string;
  readonly latencyMs: number;
  readonly rehearsal: boolean;
}

/** What came of one tool call of the reply before it. */
export interface ObservationEntry extends Stamped {
  readonly type: "observation";
  readonly toolCallId: string;
  readonly content: string;
  readonly executionMs: number;
  readonly timedOut: boolean;
  /** The toolset's own event (an undo step, a submission), folded into its state on replay. JSON. */
  readonly effect: unknown;
  /** Absent when nothing changed, or when the change was too large to carry. */
  readonly checkpoint?: Checkpoint;
  /** The workspace changed, but the change was too large to carry: a replay has to repeat the calls since the last checkpoint. */
  readonly isUncarried?: boolean;
}

/** The reply before it could not be acted on; this is what the model was told. */
export interface RequeryEntry extends Stamped {
  readonly type: "requery";
  readonly content: string;
}

export interface EndEntry extends Stamped {
  readonly type: "end";
  readonly exitStatus: ExitStatus;
  /** Text of the final diff; empty when nothing changed. */
  readonly patch: string;
  /** For a person: what happened, when it was not a plain submission. */
  readonly detail: string | null;
}
