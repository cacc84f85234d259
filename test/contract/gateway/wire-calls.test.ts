import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ProfileName } from "../../../core/gateway/served-model.ts";
import { createWireClient } from "../../upstream/client.ts";
import { startGateway } from "../../upstream/gateway.ts";
import type { Reply, UpstreamOptions } from "../../upstream/index.ts";
import { startUpstream } from "../../upstream/index.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => removeFolder(folder)));
});

/** One turn of a client whose model says `reply` and then that it is done. */
async function turn(profile: ProfileName, reply: Reply, more: Partial<UpstreamOptions> = {}) {
  const folder = temporaryFolder();
  folders.push(folder);
  await writeFile(join(folder, "notes.txt"), "first line\n");
  await using upstream = await startUpstream({ script: [reply, { content: "Done." }], ...more });
  await using gateway = await startGateway({ upstreamUrl: upstream.url, model: { profile } });
  const client = createWireClient({ gatewayUrl: gateway.url, folder });
  const said = await client.say("Do it.");
  expect(gateway.defects).toEqual([]);
  const blocks = client.messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  return {
    said,
    calls: blocks.filter(({ type }) => type === "tool_use"),
    results: blocks.filter(({ type }) => type === "tool_result"),
    prompts: upstream.chats.map(({ chat }) => chat?.prompt ?? ""),
    requests: upstream.chats.map(({ chat }) => chat?.body),
  };
}

/** What a shell would have run. */
const commandsOf = (calls: readonly { readonly [field: string]: unknown }[]): readonly unknown[] =>
  calls.flatMap(({ input }) => (typeof input === "object" && input !== null && "command" in input ? [input.command] : []));

const SHELL: Readonly<Record<ProfileName, string>> = { "swe-agent": "bash", native: "Bash" };

describe.each<ProfileName>(["swe-agent", "native"])("calls in the profile %s", (profile) => {
  const call = (command: string): Reply => ({
    thinking: "I do it.",
    content: "Now.",
    calls: [{ name: SHELL[profile], arguments: { command } }],
  });

  it.each<[string, Partial<UpstreamOptions>, Partial<Reply>]>([
    ["as vLLM streams them today", {}, {}],
    ["as it streamed them before", { dialect: "dumped" }, {}],
    ["that its parser missed", {}, { missesCalls: true }],
    ["that nobody parses", { hasToolParser: true }, { missesCalls: true, chunking: "bytes" }],
    ["in single bytes", {}, { chunking: "bytes" }],
    ["in one piece", {}, { chunking: "whole" }],
    ["without an id of their own", { hasCollidingIds: true }, {}],
    ["behind thoughts in a field of their own", {}, { reasoningField: "reasoning" }],
    ["behind thoughts in the older field", {}, { reasoningField: "reasoning_content" }],
  ])("%s are run once, and the model reads what came of it", async (_how, options, more) => {
    const { said, calls, prompts } = await turn(profile, { ...call("cat notes.txt && echo {a,b} 'é😀'"), ...more }, options);
    expect(said).toBe("Done.");
    expect(calls).toMatchObject([{ name: "Bash", input: { command: "cat notes.txt && echo {a,b} 'é😀'" } }]);
    expect(prompts).toHaveLength(2);
    expect(prompts[1]).toContain(`{"name": "${SHELL[profile]}", "arguments": {"command": "cat notes.txt && echo {a,b} 'é😀'"}}`);
    expect(prompts[1]).toMatch(/<tool_response>\n(?:OBSERVATION:\n)?first line\na b é😀\n/);
    expect(prompts[1]).toContain("<think>\nI do it.\n</think>\n\nNow.");
  });

  it.each([
    ["cut in a string", '{"command": "cat notes.txt'],
    ["with a brace too few", '{"command": "cat notes.txt"'],
    ["with words in place of JSON", "cat notes.txt"],
    ["with an argument that nobody knows", '{"cmd": "cat notes.txt"}'],
    ["with nothing", "{}"],
  ])("whose arguments are broken (%s) never become an empty command, and the model is told", async (_how, text) => {
    const { said, calls, prompts, requests } = await turn(profile, { content: "Now.", calls: [{ name: SHELL[profile], arguments: text }] });
    expect(said).toBe("Done.");
    expect(commandsOf(calls).filter((command) => command !== "cat notes.txt")).toEqual([]);
    expect(prompts).toHaveLength(2);
    // Either it was mended and run, or the model reads that it was not.
    expect(prompts[1]).toMatch(/first line|not valid|invalid|no argument|could not|needs|missing|empty|required|must/i);
    const sent = requests[1]?.messages.flatMap((message) => (message.role === "assistant" ? (message.tool_calls ?? []) : [])) ?? [];
    for (const { function: called } of sent) expect(() => void JSON.parse(called.arguments ?? "{}")).not.toThrow();
  });

  it("of a reply that the limit cut are not run", async () => {
    const { calls, prompts } = await turn(profile, {
      ...call("touch made"),
      text: `Now.\n<tool_call>\n{"name": "${SHELL[profile]}", "arguments": {"command": "rm -r /`,
    });
    expect(commandsOf(calls)).toEqual([]);
    expect(prompts.length).toBeGreaterThan(0);
  });
});
