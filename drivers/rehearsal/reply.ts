import { createAgent } from "./agent/play.ts";
import type { Answer } from "./answer.ts";
import type { ChatRequest } from "./conversation.ts";
import { digest } from "./draw.ts";
import { answerPlainly } from "./guest/plain.ts";
import { guestBelt, playGuest } from "./guest/play.ts";
import { judge } from "./judge.ts";
import { writePullRequest } from "./writer.ts";

export const PURPOSES = ["first", "second", "judge", "writer", "other"] as const;
/** What a call was for, as far as its messages tell. */
export type Purpose = (typeof PURPOSES)[number];

export interface Reply {
  readonly purpose: Purpose;
  readonly answer: Answer;
  /** The same for all turns of one rollout; for single calls, of this conversation. */
  readonly rolloutKey: string;
}

/** `conversation` is the request's key; see conversationKey. */
export type Model = (request: ChatRequest, conversation: string, isEndless: (rolloutKey: string) => boolean) => Reply;

/** The whole model: replies that depend on seed, messages and tools, and on nothing else. */
export function createModel(seed: string): Model {
  const playAgent = createAgent(seed);
  return (request, conversation, isEndless) => {
    const guest = guestBelt(request);
    if (guest !== null) {
      const first = request.messages.find(({ role }) => role === "user")?.content ?? "";
      return { purpose: "other", answer: playGuest(seed, guest, request.messages), rolloutKey: digest(seed, first) };
    }
    if (request.toolNames.includes("bash")) return playAgent(request, isEndless);
    const text = request.messages.map((message) => message.content).join("\n\n");
    const key = digest(seed, conversation);
    if (text.includes("<output>yes</output>")) return { purpose: "judge", answer: judge(key), rolloutKey: key };
    if (text.includes("<output>")) return { purpose: "writer", answer: writePullRequest(text, key), rolloutKey: key };
    return { purpose: "other", answer: answerPlainly(request), rolloutKey: key };
  };
}
