import type { ClientMessage, ImageBlock, MessagesRequest, ToolResultBlock } from "../../../client/request.ts";
import { splitReminders } from "../../../client/reminders.ts";
import type { CallState, ThoughtState } from "../../../state/state.ts";
import { decodeSignature } from "../../../state/signature.ts";
import type { Step } from "../program.ts";
import { readId } from "./call-ids.ts";

/** A conversation as the client tells it, in the order in which the model lived through it. */
export interface Transcript {
  /** What the client put in front of the first words of a person: it may hold the notes of the repository's owners. */
  readonly openingReminders: readonly string[];
  readonly turns: readonly Turn[];
}

export type Turn = UserTurn | ReplyTurn;

export interface UserTurn {
  readonly kind: "user";
  readonly texts: readonly string[];
  readonly images: readonly ImageBlock[];
}

/** One reply of the model. The client calls that the gateway made by itself stand with the model call that they belong to. */
export interface ReplyTurn {
  readonly kind: "reply";
  readonly pieces: readonly ReplyPiece[];
  /** In the order of the reply. */
  readonly calls: readonly OpenCall[];
  readonly foreignCalls: readonly Step[];
}

/** A call of the model with the client calls that were made for it. */
export interface OpenCall {
  readonly state: CallState;
  readonly steps: readonly Step[];
}

export type ReplyPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "thought"; readonly text: string; readonly state: ThoughtState }
  /** White space that the text in front of a call ended with. */
  | { readonly kind: "before"; readonly text: string };

interface GrowingReply extends ReplyTurn {
  readonly pieces: ReplyPiece[];
  readonly calls: (OpenCall & { readonly steps: Step[] })[];
  readonly foreignCalls: Step[];
}

/** Reads the client's messages. Reminders, `system` messages and thoughts of other models are left out: they are no part of it. */
export function readTranscript(request: MessagesRequest): Transcript {
  const turns: Turn[] = [];
  const openingReminders: string[] = [];
  const results = new Map<string, ToolResultBlock>();
  for (const { content } of request.messages) {
    for (const block of content) if (block.type === "tool_result" && !results.has(block.toolUseId)) results.set(block.toolUseId, block);
  }
  let reply: GrowingReply | null = null;
  let isReplyOpen = false;

  const readReply = (message: ClientMessage) => {
    for (const block of message.content) {
      if (block.type === "tool_use") {
        const step: Step = { use: block, result: results.get(block.id) ?? null };
        const read = readId(block);
        if (read?.kind === "step") {
          // What a compaction cut off from its beginning belongs to nothing that the model can still see.
          reply?.calls[read.call]?.steps.push(step);
          continue;
        }
        const open = openReply();
        if (read === null) open.foreignCalls.push(step);
        else {
          if (read.state.before !== "") open.pieces.push({ kind: "before", text: read.state.before });
          open.calls.push({ state: read.state, steps: [step] });
        }
      } else if (block.type === "text") {
        if (block.text !== "") openReply().pieces.push({ kind: "text", text: block.text });
      } else if (block.type === "thinking") {
        const state = decodeSignature(block.signature);
        if (state !== null && state.kind !== "progress") openReply().pieces.push({ kind: "thought", text: block.thinking, state });
      }
    }
  };
  const openReply = (): GrowingReply => {
    if (reply === null || !isReplyOpen) {
      reply = { kind: "reply", pieces: [], calls: [], foreignCalls: [] };
      turns.push(reply);
      isReplyOpen = true;
    }
    return reply;
  };

  for (const message of request.messages) {
    if (message.role === "assistant") readReply(message);
    else if (message.role === "user") {
      isReplyOpen = false;
      const { turn, reminders } = readUser(message);
      if (!turns.some((each) => each.kind === "reply")) openingReminders.push(...reminders);
      if (turn !== null) turns.push(turn);
    }
  }
  return { openingReminders, turns };
}

function readUser({ content }: ClientMessage): { readonly turn: UserTurn | null; readonly reminders: readonly string[] } {
  const texts: string[] = [];
  const images: ImageBlock[] = [];
  const reminders: string[] = [];
  for (const block of content) {
    if (block.type === "image") images.push(block);
    else if (block.type === "text" || block.type === "other") {
      const split = splitReminders(block.text ?? "");
      reminders.push(...split.reminders);
      if (split.text.trim() !== "") texts.push(split.text.trim());
    }
  }
  return { turn: texts.length + images.length === 0 ? null : { kind: "user", texts, images }, reminders };
}
