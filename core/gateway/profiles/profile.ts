import type { OwnReply, ReplyEnd, ReplySink } from "../client/reply.ts";
import type { MessagesRequest } from "../client/request.ts";
import type { ReplyPart } from "../reply/part.ts";
import type { ServedModel } from "../served-model.ts";
import type { ChatRequest } from "../upstream/chat-request.ts";

/**
 * Translates between a client and a model. Pure and without state: the same request gives the same upstream bytes in any process, and
 * what a request asks is a prefix of what the next one of the same conversation asks.
 */
export interface Profile {
  plan(request: MessagesRequest, model: ServedModel): Plan;
}

export type Plan =
  | {
      readonly kind: "ask";
      /** Always with `stream: true` here; the app asks without a stream for a client that wants none. */
      readonly chat: ChatRequest;
      /** Whether `<tool_call>` in the answer's text may be read as a call: not where calls are forbidden. */
      readonly expectsCalls: boolean;
      /** Makes the reader of one answer. `freshId` is different in every call. */
      readonly reader: (sink: ReplySink, freshId: () => string) => ReplyReader;
    }
  /** Nothing to ask the model: a step that only the client can do, or a request that needs no model. */
  | { readonly kind: "answer"; readonly reply: (freshId: () => string) => OwnReply };

/** Turns the parts of one model reply into what the client sees of it. */
export interface ReplyReader {
  take(part: ReplyPart): void;
  /** The reply is over. Writes what was held back. */
  end(finish: FinishReason, stop: string | null): ReplyEnd;
}

export type FinishReason = "stop" | "length" | "calls" | "refused";
