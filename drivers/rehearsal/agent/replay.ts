import type { ChatMessage } from "../conversation.ts";
import type { Action, Script } from "./action.ts";

/**
 * Runs a script against the conversation so far and returns what it wants next. Only turns that hold exactly the call
 * that the script wanted, and were answered by a tool, move it on: a reply that a fault had spoilt, or that was sent
 * back with a requery, is passed over, and the same action comes again.
 */
export function nextAction(script: Script, messages: readonly ChatMessage[], callsPerTurn: "one" | "many"): Action {
  let wanted = script.next().value;
  for (const [index, message] of messages.entries()) {
    if (message.role !== "assistant") continue;
    const [call] = message.calls;
    if (call === undefined || (callsPerTurn === "one" && message.calls.length > 1)) continue;
    const answer = messages[index + 1];
    if (answer?.role !== "tool" || call.name !== wanted.tool || !isSame(call.input, wanted.input)) continue;
    wanted = script.next(answer.content).value;
  }
  return wanted;
}

function isSame(written: string, input: Action["input"]): boolean {
  const text = JSON.stringify(input);
  if (written === text) return true;
  try {
    return JSON.stringify(JSON.parse(written)) === text;
  } catch {
    return false;
  }
}
