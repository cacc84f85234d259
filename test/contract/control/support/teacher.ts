import type { AssistantMessage } from "../../../../core/agent/messages.ts";
import type { Teacher, TeacherRequest } from "../../../../core/agent/teacher.ts";
import { InputError } from "../../../../core/errors/index.ts";
import { placeOfSample } from "../../../../core/plan/sample-id.ts";
import { USAGE } from "../../../unit/agent/support/platform.ts";
import { purposeOf } from "../../../unit/svg/support/bench.ts";

export interface TestTeacher extends Teacher {
  /** How often each call was answered, and so paid for. */
  readonly answered: Map<string, number>;
  /** Thrown instead of an answer, when it says so. */
  refuse: (request: TeacherRequest) => Error | null;
  /** What a probe throws. */
  unknown: InputError | null;
}

/** Every sample of it is accepted: each makes a change of its own, twice. */
export function testTeacher(): TestTeacher {
  const teacher: TestTeacher = {
    answered: new Map(),
    refuse: () => null,
    unknown: null,
    probe: () =>
      teacher.unknown === null ? Promise.resolve({ model: "test", rehearsal: true, contextTokens: null }) : Promise.reject(teacher.unknown),
    chat: (request) => {
      const refusal = teacher.refuse(request);
      if (refusal !== null) return Promise.reject(refusal);
      teacher.answered.set(request.callId, (teacher.answered.get(request.callId) ?? 0) + 1);
      return Promise.resolve({ message: reply(request), finishReason: "stop", usage: USAGE, model: "test", latencyMs: 1, rehearsal: true });
    },
  };
  return teacher;
}

function reply(request: TeacherRequest): AssistantMessage {
  const text = (content: string): AssistantMessage => ({ role: "assistant", content, reasoning: null, toolCalls: [] });
  const purpose = purposeOf(request);
  if (purpose === "judge") return text("<output>yes</output>");
  if (purpose === "writer") return text("<output>Totals look wrong to me</output>");
  const turn = request.messages.filter(({ role }) => role === "assistant").length;
  const { runId, index } = placeOfSample(request.callId)!;
  const call =
    turn === 0 ? { name: "bash", arguments: JSON.stringify({ command: `fix ${runId}-${index}` }) } : { name: "submit", arguments: "{}" };
  return { role: "assistant", content: "Next.", reasoning: null, toolCalls: [{ id: `call_${turn}`, ...call }] };
}

export const noSecret = (): InputError =>
  new InputError("secret_missing", "There is no secret serac/teacher.", { hint: "Create it in AWS Secrets Manager." });
