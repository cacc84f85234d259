import type { AssistantMessage, Message, ToolCall } from "./messages.ts";
import type { Session } from "./session.ts";
import type { Step } from "./trajectory.ts";

/**
 * The messages of the next call. Failed attempts are shown only while they are the last thing that happened; as soon as
 * a reply could be acted on, they are gone, as in SWE-agent. So what a later reply was conditioned on is exactly the
 * training text, which leaves failed attempts out (docs/adr/0003-failed-attempts.md).
 */
export function liveMessages(session: Session): readonly Message[] {
  const lastGood = session.steps.findLastIndex((step) => step.requery === null);
  const shown = session.steps.filter((step, index) => step.requery === null || index > lastGood);
  return [...session.prompt, ...shown.flatMap(stepMessages)];
}

function stepMessages(step: Step): readonly Message[] {
  const reply = sendable(step.reply);
  if (step.requery === null) {
    return [reply, ...step.observations.map(({ toolCallId, content }) => ({ role: "tool", toolCallId, content }) as const)];
  }
  if (reply.toolCalls.length === 0) return [reply, { role: "user", content: step.requery }];
  // Every call must be answered; the reason is said once.
  const { requery } = step;
  return [
    reply,
    ...reply.toolCalls.map(
      (call, index) => ({ role: "tool", toolCallId: call.id, content: index === 0 ? requery : "This call was not run." }) as const,
    ),
  ];
}

/**
 * A reply as servers accept it back. Several chat templates read the arguments as a JSON object and answer 400 to
 * anything else (vLLM and SGLang with Qwen and GLM templates), some reject odd tool names or an empty message.
 */
function sendable(reply: AssistantMessage): AssistantMessage {
  const isEmpty = reply.toolCalls.length === 0 && reply.content.trim() === "";
  return {
    ...reply,
    content: isEmpty ? "(empty reply)" : reply.content,
    toolCalls: reply.toolCalls.map((call) => ({ ...call, name: sendableName(call.name), arguments: sendableArguments(call) })),
  };
}

function sendableName(name: string): string {
  const clean = name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
  return clean === "" ? "unknown" : clean;
}

function sendableArguments(call: ToolCall): string {
  if (call.arguments.trim() === "") return "{}";
  try {
    const value: unknown = JSON.parse(call.arguments);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return call.arguments;
  } catch {
    // Falls through: what the model wrote is shown to it as text.
  }
  return JSON.stringify({ invalid_arguments: call.arguments });
}

/** Call ids are the server's; where it gives none, or one twice, ours make each call answerable. */
export function withCallIds(reply: AssistantMessage, callNumber: number): AssistantMessage {
  const seen = new Set<string>();
  const toolCalls = reply.toolCalls.map((call, index) => {
    const id = call.id === "" || seen.has(call.id) ? `call_${callNumber}_${index}` : call.id;
    seen.add(id);
    return id === call.id ? call : { ...call, id };
  });
  return { ...reply, toolCalls };
}
