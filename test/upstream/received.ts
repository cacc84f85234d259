import type { IncomingHttpHeaders } from "node:http";
import type { ChatBody } from "./request.ts";

/** What became of a request: still being answered, answered to the end, left by the client, or broken as the script says. */
export type Outcome = "open" | "answered" | "left" | "broken";

/** A request as the server saw it. */
export interface Received {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came. */
  readonly body: string;
  /** Null where the body is no JSON. */
  readonly json: unknown;
  /** Of a chat completion that passed the checks; null otherwise. */
  readonly chat: ChatReceived | null;
  readonly outcome: Outcome;
  /** Chunks of the answer that were written. */
  readonly chunksSent: number;
  /** Resolves when nothing more happens with the request. */
  readonly ended: Promise<void>;
}

export interface ChatReceived {
  readonly body: ChatBody;
  /** The text that the model would read. */
  readonly prompt: string;
  readonly promptTokens: number;
  /** Of those, what earlier prompts left in the prefix cache. */
  readonly cachedTokens: number;
}

/** The same while it is written. */
export interface Recording extends Received {
  chat: ChatReceived | null;
  outcome: Outcome;
  chunksSent: number;
}
