import type { ReplyEnd, ReplySink } from "../../client/reply.ts";
import type { FinishReason, ReplyReader } from "../profile.ts";

/** Passes on the text of a reply and nothing else: for requests without tools, whose thoughts nobody reads. */
export function createTextReader(sink: ReplySink): ReplyReader {
  return {
    take(part) {
      if (part.kind === "text" || part.kind === "unparsed") sink.text(part.text);
    },
    end: (finish, stop) => textEnd(finish, stop),
  };
}

/** The end of a reply in which the client saw no call. */
export function textEnd(finish: FinishReason, stop: string | null): ReplyEnd {
  if (finish === "length") return { stopReason: "max_tokens", stopSequence: null };
  if (finish === "refused") return { stopReason: "refusal", stopSequence: null };
  return stop === null ? { stopReason: "end_turn", stopSequence: null } : { stopReason: "stop_sequence", stopSequence: stop };
}
