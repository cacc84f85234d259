import type { AssistantMessage } from "../../../../core/agent/messages.ts";
import type { Sandbox } from "../../../../core/agent/sandbox.ts";
import { OBSERVATION_PREFIX } from "../../../../core/agent/observation.ts";
import { sweAgent } from "../../../../core/agent/toolsets/swe-agent/index.ts";
import { LIMITS } from "./limits.ts";

export function replyWith(...calls: readonly { name: string; arguments: unknown }[]): AssistantMessage {
  return {
    role: "assistant",
    content: "",
    reasoning: null,
    toolCalls: calls.map((call, index) => ({
      id: `c${index}`,
      name: call.name,
      arguments: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
    })),
  };
}

/** Uses the swe-agent toolset as the loop does: parse, vet, execute, reduce. Returns the observation without its prefix, or the requery. */
export function hand(sandbox: Sandbox) {
  let state = sweAgent.initialState;
  async function use(name: string, args: unknown): Promise<string> {
    const parsed = sweAgent.parse(replyWith({ name, arguments: args }));
    if (parsed.kind === "requery") return parsed.text;
    const complaint = await sweAgent.vet(parsed.calls, sandbox);
    if (complaint !== null) return complaint;
    const result = await sweAgent.execute(parsed.calls[0]!, { sandbox, state, limits: LIMITS });
    // Through JSON, as the journal does.
    state = sweAgent.reduce(state, JSON.parse(JSON.stringify(result.effect)) as unknown);
    if (!result.content.startsWith(OBSERVATION_PREFIX)) throw new Error(`no observation: ${result.content}`);
    return result.content.slice(OBSERVATION_PREFIX.length);
  }
  return {
    verdict: () => sweAgent.verdict(state),
    submit: () => use("submit", {}),
    bash: (command: string) => use("bash", { command }),
    edit: (args: Record<string, unknown>) => use("str_replace_editor", args),
    view: (path: string, view_range?: unknown) => use("str_replace_editor", { command: "view", path, view_range }),
    replace: (path: string, old_str: string, new_str?: string) =>
      use("str_replace_editor", { command: "str_replace", path, old_str, new_str }),
    insert: (path: string, insert_line: unknown, new_str: string) =>
      use("str_replace_editor", { command: "insert", path, insert_line, new_str }),
    undo: (path: string) => use("str_replace_editor", { command: "undo_edit", path }),
    bytes: async (path: string) => Buffer.from((await sandbox.readFile(path, 1e8)) ?? []),
    text: async (path: string) => Buffer.from((await sandbox.readFile(path, 1e8)) ?? []).toString(),
    diff: async () => Buffer.from(await sandbox.diff(1e8)).toString("latin1"),
  };
}
