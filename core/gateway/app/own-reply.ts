import type { OwnReply, ReplyEnd, ReplySink } from "../client/reply.ts";

/** Writes an answer of the gateway's own as if a model had given it. */
export function writeOwnReply({ blocks, stopReason }: OwnReply, sink: ReplySink): ReplyEnd {
  for (const block of blocks) {
    if (block.type === "text") sink.text(block.text);
    else {
      sink.toolUse(block.id, block.name);
      sink.toolInput(JSON.stringify(block.input));
    }
  }
  return { stopReason, stopSequence: null };
}
