import type { ChatChunk } from "./chat-chunk.ts";
import { createChunkReader } from "./read-chunk.ts";
import type { RefusedModel } from "./refusal.ts";
import { brokenAnswer } from "./stream-broken.ts";

/** A completion that was not streamed, as one chunk. Throws StreamBroken for an error with status 200, and for what is no completion. */
export function readCompletion(json: unknown, model: RefusedModel | null = null): ChatChunk {
  const chunk = createChunkReader(model).read(json);
  if (chunk === null) throw brokenAnswer("The model server's answer is no chat completion.");
  if (chunk.finish === undefined && chunk.content === undefined && chunk.calls === undefined && chunk.reasoning === undefined) {
    throw brokenAnswer("The model server's answer holds no choice.");
  }
  return chunk;
}
