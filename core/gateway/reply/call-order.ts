import { isJsonObject } from "../../agent/json-members.ts";
import type { CallDelta } from "../upstream/chat-chunk.ts";
import type { ReplyPart } from "./part.ts";

/** Puts calls that come in fields of their own, maybe interleaved, one behind the other. */
export interface CallOrder {
  take(delta: CallDelta): void;
  /** Closes the open call when its arguments are complete and no other waits. False while one is in its midst. */
  rest(): boolean;
  /** `isCut`: the reply ended for want of room, so that its last call may lack something. */
  end(isCut: boolean): void;
}

interface Slot {
  readonly id: string;
  name: string;
  /** All of the arguments so far. */
  text: string;
  isClosed: boolean;
}

/**
 * The first call passes as it comes. A later one is held back until the arguments before it are a whole JSON object: only then nothing
 * more can come for them.
 */
export function createCallOrder(take: (part: ReplyPart) => void): CallOrder {
  const slots = new Map<number, Slot>();
  const waiting: Slot[] = [];
  let open: Slot | null = null;

  const close = (isWhole: boolean): void => {
    if (open === null) return;
    open.isClosed = true;
    open = null;
    take({ kind: "called", isWhole });
  };

  const openNext = (): void => {
    const next = waiting[0];
    if (open !== null || next === undefined || next.name === "") return;
    waiting.shift();
    open = next;
    take({ kind: "call", name: next.name });
    if (next.text !== "") take({ kind: "arguments", text: next.text });
  };

  const advance = (): void => {
    for (;;) {
      openNext();
      if (open === null || waiting.length === 0 || !isComplete(open)) return;
      close(true);
    }
  };

  const slotFor = (delta: CallDelta): Slot => {
    const known = slots.get(delta.index);
    // Some servers give every call the index 0: a new name and id behind complete arguments are a new call.
    const isReused =
      known !== undefined && delta.name !== undefined && delta.id !== undefined && delta.id !== known.id && isComplete(known);
    if (known !== undefined && !isReused) return known;
    const slot: Slot = { id: delta.id ?? "", name: "", text: "", isClosed: false };
    slots.set(delta.index, slot);
    waiting.push(slot);
    return slot;
  };

  return {
    take(delta) {
      const slot = slotFor(delta);
      slot.name ||= delta.name ?? "";
      const text = delta.arguments ?? "";
      // Behind a whole JSON object only blanks may follow; a call that is closed misses nothing.
      if (slot.isClosed) return;
      slot.text += text;
      if (slot === open && text !== "") take({ kind: "arguments", text });
      advance();
    },
    rest() {
      advance();
      if (open !== null && isComplete(open)) close(true);
      return open === null && waiting.length === 0;
    },
    end(isCut) {
      for (;;) {
        openNext();
        if (open !== null) close(!isCut || isComplete(open));
        else if (waiting.length === 0) return;
        else take({ kind: "unparsed", text: waiting.shift()!.text });
      }
    },
  };
}

function isComplete(slot: Slot): boolean {
  return slot.text.trimEnd().endsWith("}") && isJsonObject(slot.text);
}
