import type { MessagesRequest } from "../../client/request.ts";
import type { ServedModel } from "../../served-model.ts";
import { conversation } from "../native/conversation.ts";
import type { Plan } from "../profile.ts";
import { commonFields } from "./common-fields.ts";
import { createTextReader } from "./text-reader.ts";

/** A request for text: a title, a summary, a question of another program. The model is told of no tools, whatever the client has. */
export function planPlain(request: MessagesRequest, model: ServedModel): Plan {
  return {
    kind: "ask",
    chat: { ...commonFields(request, model, { agent: false }), ...conversation(request, model) },
    expectsCalls: false,
    reader: createTextReader,
  };
}
