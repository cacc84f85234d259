import type { Teacher } from "../../core/agent/teacher.ts";
import { placeOfSample } from "../../core/plan/sample-id.ts";
import { linesOf, pathOf } from "../simulation/memory-files.ts";

/** What the teacher of one sample is to do. */
export interface Script {
  /** Calls of each of its rollouts: an edit, commands, the submission. */
  readonly calls: number;
  /** First rollouts that are judged bad. */
  readonly refused?: number;
  /** Time is up for the function after so many calls of the first rollout. */
  readonly stopAfter?: number;
}

/** About as long as the pull request texts of the paper's teachers: the sample's item holds it. Characters. */
const PULL_REQUEST = 1_800;

/** A teacher that does as the script of each sample says. `onStop`: the time of the function is up. */
export function scriptedTeacher(scriptOf: (index: number) => Script, onStop: () => void): Teacher {
  return {
    probe: () => Promise.resolve({ model: "scripted", rehearsal: true, contextTokens: null }),
    chat: ({ callId }) => {
      const cut = callId.lastIndexOf("/");
      const [stream, number] = [callId.slice(0, cut), Number(callId.slice(cut + 1))];
      const { index } = placeOfSample(callId)!;
      const script = scriptOf(index);
      if (stream.endsWith("-first1") && number + 1 === script.stopAfter) onStop();
      const content = textOf(stream, script);
      const call = content === null ? toolCall(number, script.calls, index, stream) : null;
      return Promise.resolve({
        message: {
          role: "assistant",
          content: content ?? "One step further.",
          reasoning: null,
          toolCalls: call === null ? [] : [{ id: "call_1", name: call.name, arguments: JSON.stringify(call.input) }],
        },
        finishReason: call === null ? "stop" : "tool_calls",
        usage: { inputTokens: 3_000, cachedInputTokens: 2_000, outputTokens: 220 },
        model: "scripted",
        latencyMs: 0,
        rehearsal: true,
      });
    },
  };
}

function textOf(stream: string, { refused = 0 }: Script): string | null {
  const judged = /-first(\d+)-judge$/.exec(stream);
  if (judged !== null) return `<output>${Number(judged[1]) <= refused ? "no" : "yes"}</output>`;
  return stream.endsWith("-describe") ? `<output>${"The area of the frame is too small. ".repeat(PULL_REQUEST / 36)}</output>` : null;
}

function toolCall(number: number, calls: number, index: number, stream: string): { readonly name: string; readonly input: object } {
  // The first time, it is asked whether it is sure.
  if (number >= calls - 2) return { name: "submit", input: {} };
  if (number > 0) return { name: "bash", input: { command: `cat /testbed/${pathOf(index)}` } };
  const line = linesOf(index)[4]!;
  const ending = stream.includes("-first2") ? " - 1" : " + 1";
  const input = { command: "str_replace", path: `/testbed/${pathOf(index)}`, old_str: line, new_str: line + ending };
  return { name: "str_replace_editor", input };
}
