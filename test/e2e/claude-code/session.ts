import { expect } from "vitest";
import type { ClientVersion } from "../../claude-code/install.ts";
import { runClient, type ClientOptions, type ClientRun } from "../../claude-code/run.ts";
import { scratch, startSerac } from "../serac.ts";
import { startUpstream, type Reply, type TestUpstream, type UpstreamOptions } from "../../upstream/index.ts";

export interface Session extends AsyncDisposable {
  readonly upstream: TestUpstream;
  /** Of the gateway. */
  readonly url: string;
  /** Where the client works. */
  readonly folder: string;
  run(version: ClientVersion, prompt: string | readonly string[], options?: Partial<ClientOptions>): Promise<ClientRun>;
}

export interface SessionOptions {
  readonly profile: "swe-agent" | "native";
  readonly upstream: UpstreamOptions;
  readonly flags?: readonly string[];
}

/** `serac gateway` in a process of its own between the real client and a server that speaks as vLLM does. */
export async function openSession({ profile, upstream: options, flags = [] }: SessionOptions): Promise<Session> {
  const upstream = await startUpstream(options);
  const home = await scratch();
  const gateway = startSerac(
    ["gateway", "--upstream", upstream.url, "--model", "student", "--profile", profile, "--port", "0", "--json", ...flags],
    { cwd: home.path },
  );
  const listening: { url: string } = JSON.parse(await gateway.line((line) => line.includes('"url"')));
  return {
    upstream,
    url: listening.url,
    folder: home.path,
    run: (version, prompt, more = {}) =>
      runClient({
        version,
        baseUrl: listening.url,
        cwd: home.path,
        prompt,
        ...more,
        args: ["--model", "student", ...(more.args ?? [])],
        // Background work goes to the same model, as `serac connect` arranges it.
        env: { ANTHROPIC_SMALL_FAST_MODEL: "student", CLAUDE_CODE_ATTRIBUTION_HEADER: "0", ...more.env },
      }),
    async [Symbol.asyncDispose]() {
      gateway.child.kill("SIGTERM");
      await gateway.finished;
      await upstream[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Requests of the agent itself, in their order: with its tools in the prompt, and not those that clients send beside the conversation. */
export const agentChats = (upstream: TestUpstream): TestUpstream["chats"] =>
  upstream.chats.filter(({ chat }) => (chat?.body.tools?.length ?? 0) > 0);

/** Every prompt goes on from the one before it: the condition for the prefix cache. */
export function expectPrefixes(chats: TestUpstream["chats"]): void {
  const asked = chats.map(({ json }) => JSON.stringify((json as { messages: unknown }).messages).slice(0, -1));
  for (const [at, messages] of asked.entries()) {
    if (at > 0) expect(messages.startsWith(asked[at - 1]!), `request ${at} goes on from request ${at - 1}`).toBe(true);
  }
}

/** Plays a list to the agent; whatever clients ask beside the conversation gets a short text and does not count. */
export function play(replies: readonly Reply[]): UpstreamOptions["script"] {
  let next = 0;
  return ({ chat }) => {
    if ((chat?.body.tools?.length ?? 0) === 0) return { content: "A short answer." };
    return replies[next++] ?? { content: "There is no more in the script." };
  };
}

const editor = (input: Readonly<Record<string, unknown>>): NonNullable<Reply["calls"]>[number] => ({
  name: "str_replace_editor",
  arguments: input,
});

/** Calls of the student's three tools. */
export const student = {
  bash: (command: string) => ({ name: "bash", arguments: { command } }),
  view: (path: string, range?: readonly [number, number]) =>
    editor({ command: "view", path, ...(range === undefined ? {} : { view_range: range }) }),
  replace: (path: string, oldText: string, newText: string) => editor({ command: "str_replace", path, old_str: oldText, new_str: newText }),
  create: (path: string, text: string) => editor({ command: "create", path, file_text: text }),
  insert: (path: string, line: number, text: string) => editor({ command: "insert", path, insert_line: line, new_str: text }),
  undo: (path: string) => editor({ command: "undo_edit", path }),
  submit: { name: "submit", arguments: {} },
} as const;

/** The observations that the model has read by the last request, in their order. */
export function observations(upstream: TestUpstream): readonly string[] {
  const messages: readonly { readonly role: string; readonly content?: unknown }[] =
    (agentChats(upstream).at(-1)?.json as { messages: never[] } | undefined)?.messages ?? [];
  return messages.filter(({ role }) => role === "tool").map(({ content }) => String(content));
}
