import type { AssistantMessage } from "../../messages.ts";
import type { Call, CallContext, CallResult, Parsed, Toolset } from "../../toolset.ts";
import { readArguments, textArgument } from "../arguments.ts";
import { BASH, FINAL_COMMAND, MAX_CALLS_A_REPLY } from "./definitions.ts";
import { instancePrompt, SYSTEM_PROMPT } from "./prompts.ts";
import { renderOutput } from "./render-output.ts";

interface MiniState {
  readonly isSubmitted: boolean;
}

/** One tool, bash, each command in a shell of its own (mini-swe-agent 2). */
export const mini: Toolset<MiniState> = {
  name: "mini",
  tools: [BASH],
  systemPrompt: SYSTEM_PROMPT,
  instancePrompt,
  parse,
  vet: () => Promise.resolve(null),
  initialState: { isSubmitted: false },
  execute,
  reduce: (state, effect) => (effect === null ? state : { isSubmitted: true }),
  verdict: (state) => (state.isSubmitted ? "submitted" : null),
};

function parse(reply: AssistantMessage): Parsed {
  if (reply.toolCalls.length === 0) return requery("Your last reply held no tool call.");
  if (reply.toolCalls.length > MAX_CALLS_A_REPLY)
    return requery(`Your last reply held ${reply.toolCalls.length} tool calls, which are too many.`);
  const calls: Call[] = [];
  for (const call of reply.toolCalls) {
    if (call.name !== BASH.name) return requery(`There is no tool named \`${call.name}\`.`);
    const read = readArguments(call, BASH);
    if (!read.ok) return requery(`${read.problem} Nothing was run.`);
    calls.push({ toolCallId: call.id, name: call.name, arguments: read.value });
  }
  if (calls.length > 1 && calls.some(isFinal)) return requery("The final command must be alone in its reply. Nothing was run.");
  return { kind: "calls", calls };
}

function requery(problem: string): Parsed {
  return { kind: "requery", text: `${problem} Every reply must call the tool \`bash\` at least once, like this: {"command": "ls -la"}.` };
}

async function execute(call: Call, { sandbox, limits, signal }: CallContext<MiniState>): Promise<CallResult> {
  const timeoutMs = limits.commandSeconds * 1000;
  const command = textArgument(call.arguments, "command");
  const result = await sandbox.exec(command, { timeoutMs, shell: "fresh", signal });
  return {
    content: renderOutput(result, timeoutMs),
    effect: isFinal(call) ? { type: "submit" } : null,
    changed: true,
    timedOut: result.outcome === "timeout",
    executionMs: Math.min(result.durationMs, timeoutMs),
  };
}

function isFinal(call: Call): boolean {
  return textArgument(call.arguments, "command").trim() === FINAL_COMMAND;
}
