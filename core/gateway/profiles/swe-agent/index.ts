import { TOOLS } from "../../../agent/toolsets/swe-agent/definitions.ts";
import type { OwnReply } from "../../client/reply.ts";
import type { MessagesRequest } from "../../client/request.ts";
import { createPathMap } from "../../paths/create-path-map.ts";
import type { ServedModel } from "../../served-model.ts";
import type { ChatTool } from "../../upstream/chat-request.ts";
import { answerWithoutModel } from "../background/answer-without-model.ts";
import { commonFields } from "../background/common-fields.ts";
import { isCompaction } from "../background/is-compaction.ts";
import { planPlain } from "../background/plan-plain.ts";
import type { Plan, Profile } from "../profile.ts";
import { stepId } from "./history/call-ids.ts";
import { knownDirectory } from "./history/known-directory.ts";
import { renderConversation } from "./history/render.ts";
import { replay, type NextStep } from "./history/replay.ts";
import { readTranscript, type Transcript } from "./history/transcript.ts";
import { createReader } from "./reader.ts";

const CHAT_TOOLS: readonly ChatTool[] = TOOLS.map((definition) => ({ type: "function", function: definition }));

/** The client's tools that programs are made of; a request without any of them is no agent's. */
const CLIENT_TOOLS: ReadonlySet<string> = new Set(["Bash", "Read", "Edit", "Write"]);

/**
 * Makes Claude Code look to a model like the harness in which it was trained: the model's three tools become small programs of client
 * calls, and what comes of them the harness's own observations. Steps that only the client can do are answered without the model.
 */
export const sweAgent: Profile = { plan };

function plan(request: MessagesRequest, model: ServedModel): Plan {
  const answer = answerWithoutModel(request);
  if (answer !== null) return answer;
  const paths = createPathMap(knownDirectory(request));
  const transcript = readTranscript(request);
  const isAgent = request.tools.some(({ name }) => CLIENT_TOOLS.has(name));
  if (!isAgent && !holdsCalls(transcript)) return planPlain(request, model);

  const takesCalls = isAgent && request.toolChoice?.type !== "none" && !isCompaction(request);
  const { escapesReserved } = model;
  const { outcomes, next, memory } = replay(transcript, { paths, escapesReserved, goesOn: takesCalls });
  if (next.length > 0) return { kind: "answer", reply: (freshId) => stepsReply(next, freshId) };
  return {
    kind: "ask",
    chat: {
      ...commonFields(request, model, { agent: true }),
      messages: renderConversation(transcript, outcomes, { paths, model }),
      tools: CHAT_TOOLS,
      tool_choice: takesCalls ? "auto" : "none",
    },
    expectsCalls: takesCalls,
    reader: (sink, freshId) => createReader({ ground: { paths, memory }, escapesReserved, takesCalls }, sink, freshId),
  };
}

function stepsReply(next: readonly NextStep[], freshId: () => string): OwnReply {
  return {
    blocks: next.map(({ call, step, clientCall: { name, input } }) => ({
      type: "tool_use",
      id: stepId(call, step, input, freshId()),
      name,
      input,
    })),
    stopReason: "tool_use",
  };
}

function holdsCalls({ turns }: Transcript): boolean {
  return turns.some((turn) => turn.kind === "reply" && turn.calls.length > 0);
}
