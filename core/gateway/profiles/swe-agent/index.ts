import { TOOLS } from "../../../agent/toolsets/swe-agent/definitions.ts";
import type { OwnReply } from "../../client/reply.ts";
import type { MessagesRequest } from "../../client/request.ts";
import { createPathMap } from "../../paths/create-path-map.ts";
import { workingDirectory } from "../../paths/working-directory.ts";
import type { ServedModel } from "../../served-model.ts";
import type { ChatTool } from "../../upstream/chat-request.ts";
import { answerWithoutModel } from "../background/answer-without-model.ts";
import { commonFields } from "../background/common-fields.ts";
import { isCompaction } from "../background/is-compaction.ts";
import { planPlain } from "../background/plan-plain.ts";
import type { Plan, Profile } from "../profile.ts";
import { createCallIds, type CallIds } from "./history/call-ids.ts";
import { renderConversation } from "./history/render.ts";
import { replay, type NextStep } from "./history/replay.ts";
import { readTranscript, type Transcript } from "./history/transcript.ts";
import { createReader } from "./reader.ts";

const CHAT_TOOLS: readonly ChatTool[] = TOOLS.map((definition) => ({ type: "function", function: definition }));

/**
 * Makes Claude Code look to a model like the harness in which it was trained: the model's three tools become small programs of client
 * calls, and what comes of them the harness's own observations. Steps that only the client can do are answered without the model.
 */
export const sweAgent: Profile = { plan };

function plan(request: MessagesRequest, model: ServedModel): Plan {
  const answer = answerWithoutModel(request);
  if (answer !== null) return answer;
  const paths = createPathMap(workingDirectory(request));
  const ids = createCallIds(paths, model);
  const transcript = readTranscript(request, ids);
  if (request.tools.length === 0 && !holdsCalls(transcript)) return planPlain(request, model);

  const takesCalls = request.tools.length > 0 && request.toolChoice?.type !== "none" && !isCompaction(request);
  const { escapesReserved } = model;
  const { outcomes, next, memory } = replay(transcript, { paths, escapesReserved, goesOn: takesCalls });
  if (next.length > 0) return { kind: "answer", reply: (freshId) => stepsReply(next, ids, freshId) };
  return {
    kind: "ask",
    chat: {
      ...commonFields(request, model, { agent: true }),
      messages: renderConversation(transcript, outcomes, { paths, model }),
      tools: CHAT_TOOLS,
      tool_choice: takesCalls ? "auto" : "none",
    },
    expectsCalls: takesCalls,
    reader: (sink, freshId) => createReader({ ground: { paths, memory }, ids, escapesReserved, takesCalls }, sink, freshId),
  };
}

function stepsReply(next: readonly NextStep[], ids: CallIds, freshId: () => string): OwnReply {
  return {
    blocks: next.map(({ call, step, clientCall: { name, input } }) => ({
      type: "tool_use",
      id: ids.ofStep(call, step, input, freshId()),
      name,
      input,
    })),
    stopReason: "tool_use",
  };
}

function holdsCalls({ turns }: Transcript): boolean {
  return turns.some((turn) => turn.kind === "reply" && turn.calls.length > 0);
}
