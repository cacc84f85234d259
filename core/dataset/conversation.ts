import type { Message, ToolCall } from "../agent/messages.ts";
import type { Step, Trajectory } from "../agent/trajectory.ts";

/** One turn of the training text. What the tools answered to one reply is one turn, in the order of the calls. */
export type Turn =
  | { readonly role: "system" | "user"; readonly content: string }
  | AssistantTurn
  | { readonly role: "tools"; readonly results: readonly ToolResult[] };

export interface AssistantTurn {
  readonly role: "assistant";
  readonly content: string;
  readonly reasoning: string | null;
  readonly toolCalls: readonly ToolCall[];
  /** False for a turn that the prompt brought along. */
  readonly train: boolean;
}

interface ToolResult {
  readonly toolCallId: string;
  readonly content: string;
}

/**
 * A trajectory as the model is to learn it: the prompt, then every reply that was acted on and what came of it. Replies that were
 * refused, and the refusals, are left out, as they were for every later reply; so is a last reply that nothing came of.
 * It ends with a reply: nothing is learned from what the tools said to the last one, and trainers want it so.
 * Lone surrogates become U+FFFD, since no file can hold them.
 */
export function conversationOf(trajectory: Pick<Trajectory, "prompt" | "steps">): readonly Turn[] {
  const replies = trajectory.steps.filter(isTaught).flatMap(stepTurns);
  return [...messageTurns(trajectory.prompt), ...(replies.at(-1)?.role === "tools" ? replies.slice(0, -1) : replies)];
}

export function isTaught(step: Step): boolean {
  return step.requery === null && (step.reply.toolCalls.length === 0 || step.observations.length > 0);
}

/** Messages as turns of which none is trained on; results that follow one another are one turn. */
export function messageTurns(messages: readonly Message[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "assistant") turns.push(assistantTurn(message, false));
    else if (message.role === "tool") {
      const result = { toolCallId: message.toolCallId.toWellFormed(), content: message.content.toWellFormed() };
      const last = turns.at(-1);
      if (last?.role === "tools") turns[turns.length - 1] = { role: "tools", results: [...last.results, result] };
      else turns.push({ role: "tools", results: [result] });
    } else turns.push({ role: message.role, content: message.content.toWellFormed() });
  }
  return turns;
}

function stepTurns(step: Step): readonly Turn[] {
  const reply = assistantTurn(step.reply, true);
  if (step.observations.length === 0) return [reply];
  const results = step.observations.map(({ toolCallId, content }) => ({
    toolCallId: toolCallId.toWellFormed(),
    content: content.toWellFormed(),
  }));
  return [reply, { role: "tools", results }];
}

function assistantTurn(reply: Step["reply"], train: boolean): AssistantTurn {
  return {
    role: "assistant",
    content: reply.content.toWellFormed(),
    reasoning: reply.reasoning === null ? null : reply.reasoning.toWellFormed(),
    toolCalls: reply.toolCalls.map(wellFormedCall),
    train,
  };
}

/** No text at all counts as `{}`, as it does for the toolsets. */
function wellFormedCall(call: ToolCall): ToolCall {
  const json = call.arguments.trim() === "" ? "{}" : call.arguments;
  return { id: call.id.toWellFormed(), name: call.name.toWellFormed(), arguments: json.toWellFormed() };
}
