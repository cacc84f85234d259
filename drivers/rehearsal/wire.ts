import type { Usage } from "../../core/agent/teacher.ts";
import { REHEARSAL_MARK } from "../../core/agent/teacher.ts";
import type { Answer } from "./answer.ts";

export interface Completion {
  readonly id: string;
  readonly model: string;
  readonly answer: Answer;
  readonly usage: Usage;
}

/** A fixed moment: replies do not depend on the time. 2026-01-01. */
const CREATED = 1_767_225_600;
/** Characters a delta, so that readers see words and JSON cut anywhere. */
const PIECE = 48;

/** Body of a reply that is not streamed. */
export function completionJson(completion: Completion): string {
  const { answer, usage } = completion;
  const { content, reasoning } = spoken(answer);
  return JSON.stringify({
    ...envelope(completion, "chat.completion"),
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: content === "" && answer.calls.length > 0 ? null : content,
          ...reasoning,
          ...(answer.calls.length === 0
            ? {}
            : {
                tool_calls: callsOf(completion).map(({ id, name, input }) => ({
                  id,
                  type: "function",
                  function: { name, arguments: input },
                })),
              }),
        },
        finish_reason: finishReason(answer),
      },
    ],
    usage: usageJson(usage),
  });
}

/** Body of a streamed reply, all events in one text. */
export function completionEvents(completion: Completion, wantsUsage: boolean): string {
  const { answer, usage } = completion;
  const head = JSON.stringify(envelope(completion, "chat.completion.chunk")).slice(0, -1);
  const event = (delta: unknown, finish: string | null = null): string =>
    `data: ${head},"choices":[{"index":0,"delta":${JSON.stringify(delta)},"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
  const { content, reasoning } = spoken(answer);
  const events = [event({ role: "assistant", content: "" })];
  for (const [field, text] of Object.entries(reasoning)) for (const piece of pieces(text)) events.push(event({ [field]: piece }));
  for (const piece of pieces(content)) events.push(event({ content: piece }));
  for (const [index, { id, name, input }] of callsOf(completion).entries()) {
    events.push(event({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }));
    for (const piece of pieces(input)) events.push(event({ tool_calls: [{ index, function: { arguments: piece } }] }));
  }
  events.push(event({}, finishReason(answer)));
  if (wantsUsage) events.push(`data: ${head},"choices":[],"usage":${JSON.stringify(usageJson(usage))}}\n\n`);
  events.push("data: [DONE]\n\n");
  return events.join("");
}

const envelope = ({ id, model }: Completion, object: string): Record<string, unknown> => ({
  id: `chatcmpl-${id}`,
  object,
  created: CREATED,
  model,
  system_fingerprint: REHEARSAL_MARK,
});

const finishReason = (answer: Answer): string => (answer.calls.length > 0 ? "tool_calls" : "stop");

function spoken(answer: Answer): { readonly content: string; readonly reasoning: Readonly<Record<string, string>> } {
  if (answer.reasoning === "" || answer.style === "none") return { content: answer.content, reasoning: {} };
  if (answer.style === "think") return { content: `<think>\n${answer.reasoning}\n</think>\n\n${answer.content}`, reasoning: {} };
  return { content: answer.content, reasoning: { [answer.style]: answer.reasoning } };
}

const callsOf = ({ id, answer }: Completion): readonly { readonly id: string; readonly name: string; readonly input: string }[] =>
  answer.calls.map((call, index) => ({ id: `call_${id.slice(0, 20)}_${index}`, ...call }));

function* pieces(text: string): Generator<string> {
  // A long text in a few large pieces: ten megabytes in words of 48 letters would be 200,000 events.
  const size = Math.max(PIECE, Math.ceil(text.length / 64));
  for (let index = 0; index < text.length; index += size) yield text.slice(index, index + size);
}

const usageJson = (usage: Usage): Record<string, unknown> => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
});
