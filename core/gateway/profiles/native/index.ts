import { answerWithoutModel } from "../background/answer-without-model.ts";
import { commonFields } from "../background/common-fields.ts";
import { isCompaction } from "../background/is-compaction.ts";
import { planPlain } from "../background/plan-plain.ts";
import { createTextReader } from "../background/text-reader.ts";
import type { Profile } from "../profile.ts";
import { conversation } from "./conversation.ts";
import { createNativeReader } from "./read-reply.ts";
import { ownTools, toolFields } from "./tools.ts";

/** For models that are at home with any tools: the client's own tools, names and arguments. */
export const native: Profile = {
  plan(request, model) {
    const answer = answerWithoutModel(request);
    if (answer !== null) return answer;
    if (ownTools(request).length === 0) return planPlain(request, model);
    const wantsSummary = isCompaction(request);
    const mayCall = !wantsSummary && request.toolChoice?.type !== "none";
    return {
      kind: "ask",
      chat: {
        ...commonFields(request, model, { agent: true }),
        ...conversation(request, model),
        ...toolFields(request, !wantsSummary, model.escapesReserved),
      },
      expectsCalls: mayCall,
      reader: wantsSummary
        ? createTextReader
        : (sink, freshId) => createNativeReader({ escapesReserved: model.escapesReserved }, sink, freshId),
    };
  },
};
