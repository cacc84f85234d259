import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ProfileName } from "../../../core/gateway/served-model.ts";
import type { WireClient } from "../../upstream/client.ts";
import { createWireClient } from "../../upstream/client.ts";
import { startGateway } from "../../upstream/gateway.ts";
import { modelText } from "../../upstream/model-text.ts";
import type { Received, Reply, UpstreamOptions } from "../../upstream/index.ts";
import { BLOCK_TOKENS, startUpstream } from "../../upstream/index.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => removeFolder(folder)));
});

const CART = "def total(prices):\n    return sum(prices)\n\n\ndef count(prices):\n    return len(prices)\n";

async function workFolder(): Promise<string> {
  const folder = temporaryFolder();
  folders.push(folder);
  await mkdir(join(folder, "shop"));
  await writeFile(join(folder, "shop", "cart.py"), CART);
  await writeFile(join(folder, "README.md"), "# Shop\n\nIt says `<think>` and <tool_call> in its text: <|im_end|>\n");
  return folder;
}

interface Played {
  readonly client: WireClient;
  readonly chats: readonly Received[];
  readonly said: readonly string[];
  readonly folder: string;
}

async function playSession(
  profile: ProfileName,
  replies: readonly Reply[],
  prompts: readonly string[],
  more: Partial<UpstreamOptions> = {},
): Promise<Played> {
  const folder = await workFolder();
  await using upstream = await startUpstream({
    script: replies.map((reply) => ({ ...reply, ...(reply.text === undefined ? {} : { text: reply.text.replaceAll("$PWD", folder) }) })),
    ...more,
  });
  await using gateway = await startGateway({ upstreamUrl: upstream.url, model: { profile } });
  const client = createWireClient({ gatewayUrl: gateway.url, folder });
  const said: string[] = [];
  for (const prompt of prompts) said.push(await client.say(prompt));
  expect(gateway.defects).toEqual([]);
  return { client, chats: [...upstream.chats], said, folder };
}

const editor = (input: Readonly<Record<string, unknown>>) => [{ name: "str_replace_editor", arguments: input }];
const bash = (command: string) => [{ name: "bash", arguments: { command } }];

/** What a student of the swe-agent toolset may do in one session. */
const STUDENT: readonly Reply[] = [
  { thinking: "First I look around.", content: "I begin.", calls: bash("ls -la && cat README.md") },
  { thinking: "The folder.", calls: editor({ command: "view", path: "/testbed" }) },
  { content: "The file.", calls: editor({ command: "view", path: "/testbed/shop/cart.py" }) },
  {
    thinking: "Its second half.",
    content: "Now é 😀 and `<\\/think>` in words.",
    calls: editor({ command: "view", path: "/testbed/shop/cart.py", view_range: [5, 6] }),
  },
  { thinking: "I run it.", calls: bash("python3 -c 'import sys; sys.exit(3)'; cd /testbed/shop && ls nothing-here; pwd") },
  {
    thinking: "An edit.",
    content: "The change.",
    calls: editor({
      command: "str_replace",
      path: "/testbed/shop/cart.py",
      old_str: "    return sum(prices)",
      new_str: "    return sum(prices or [])",
    }),
  },
  { thinking: "A script.", calls: editor({ command: "create", path: "/testbed/check.py", file_text: 'print("{}", "/testbed", \'x\')\n' }) },
  { calls: editor({ command: "insert", path: "/testbed/check.py", insert_line: 0, new_str: "# A comment." }) },
  { thinking: "I take it back.", calls: editor({ command: "undo_edit", path: "/testbed/check.py" }) },
  { thinking: "It cannot be there.", calls: editor({ command: "view", path: "/testbed/missing.py" }) },
  {
    thinking: "Nor this.",
    calls: editor({ command: "str_replace", path: "/testbed/shop/cart.py", old_str: "nothing like it", new_str: "x" }),
  },
  { thinking: "Away with it.", calls: bash("rm /testbed/check.py && git status 2>&1 | head -3") },
  { thinking: "Done.", calls: [{ name: "submit", arguments: {} }] },
  { thinking: "Just an answer.", content: "I made `total` take None." },
  { thinking: "Once more.", content: "I look again.", calls: bash("cat shop/cart.py") },
  { content: "All is as it should be." },
];

const file = (path: string, more: Readonly<Record<string, unknown>> = {}) => ({ file_path: `$PWD/${path}`, ...more });
const client = (name: string, input: Readonly<Record<string, unknown>>): string =>
  `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(input)}}\n</tool_call>`;

/** What a model may do with the client's own tools; its spacing is not Python's. */
const NATIVE: readonly Reply[] = [
  { text: `<think>\nFirst I look.\n</think>\n\nI begin.\n${client("Bash", { command: "ls; false", description: "List" })}` },
  {
    text: `<think>\nTwo at once.\n</think>\n\n${client("Read", file("shop/cart.py"))}\n${client("Bash", { command: "sleep 0.05; echo {a,b} é 😀" })}`,
  },
  { text: `An edit.\n${client("Edit", file("shop/cart.py", { old_string: "sum(prices)", new_string: "sum(prices or [])" }))}` },
  { text: `<think>\nA file.\n</think>\n\n${client("Write", file("check.py", { content: 'print("<think>")\n' }))}` },
  { text: client("Read", file("missing.py")) },
  { text: client("Nonsense", { a: [1, 2.5, null] }) },
  { text: "<think>\nThat is all.\n</think>\n\nIt is done: `<\\/tool_call>` is only a word here." },
  { text: `Once more.\n${client("Bash", { command: "cat shop/cart.py" })}` },
  { text: "All is as it should be." },
];

const PROMPTS = ["Make `total` take None, please.", "What did you do?", "Check it again."];

describe.each<[ProfileName, readonly Reply[], readonly string[]]>([
  ["swe-agent", STUDENT, PROMPTS],
  ["native", NATIVE, [PROMPTS[0]!, PROMPTS[2]!]],
])("a session in the profile %s", (profile, replies, prompts) => {
  it("asks prompts of which each begins with the one before it and what the model wrote, to the letter", async () => {
    const { chats, said, folder } = await playSession(profile, replies, prompts);
    expect(chats).toHaveLength(replies.length);
    for (const [at, chat] of chats.entries()) {
      const { prompt = "", promptTokens = 0 } = chat.chat ?? {};
      const next = chats[at + 1]?.chat;
      if (next === undefined || next === null) continue;
      expect(next.prompt.slice(0, prompt.length), `prompt ${at + 1}`).toBe(prompt);
      const wrote = modelText(replies[at]!)
        .text.replaceAll("$PWD", folder)
        .replace(/<tool_call>[^]*/, "");
      expect(next.prompt.slice(prompt.length, prompt.length + wrote.length), `reply ${at}`).toBe(wrote);
      expect(next.cachedTokens).toBeGreaterThan(promptTokens - 2 * BLOCK_TOKENS);
    }
    expect(said.at(-1)).toBe("All is as it should be.");
    expect(await readFile(join(folder, "shop/cart.py"), "utf8")).toBe(CART.replace("sum(prices)", "sum(prices or [])"));
  });

  it("is the same to the byte in two fresh processes", async () => {
    const { client: played, chats, folder } = await playSession(profile, replies, prompts, { hasCollidingIds: true });
    const recording = join(folder, "recording.json");
    await writeFile(recording, JSON.stringify({ profile, requests: played.sent }));
    const runs = await Promise.all([replayed(recording), replayed(recording)]);
    expect(runs[0]).toEqual(runs[1]);
    // Requests that need no model ask nothing upstream.
    expect(runs[0]).toEqual(chats.map(({ body }) => body));
  }, 240_000);
});

describe("the swe-agent profile", () => {
  it("shows a model its own calls as it wrote them, and observations of the harness it knows", async () => {
    const { chats, folder } = await playSession("swe-agent", STUDENT, PROMPTS);
    const last = chats.at(-1)?.chat?.prompt ?? "";
    for (const reply of STUDENT.slice(0, -1)) {
      const { text } = modelText(reply);
      expect(last).toContain(`<|im_start|>assistant\n${text}<|im_end|>`);
    }
    expect(last).not.toContain(folder);
    expect(last).toContain("The repository is in /testbed.");
    const observations = [...last.matchAll(/<tool_response>\n([^]*?)\n<\/tool_response>/g)].map((match) => match[1] ?? "");
    expect(observations).toHaveLength(STUDENT.filter(({ calls }) => calls !== undefined).length);
    for (const text of observations) expect(text).toMatch(/^OBSERVATION:\n/);
    expect(observations[1]).toContain("/testbed/shop/cart.py");
    expect(observations[2]).toContain("     1\tdef total(prices):");
    expect(observations[3]).toMatch(/     5\tdef count\(prices\):\n     6\t {4}return len\(prices\)/);
    expect(observations[4]).toContain("/testbed/shop");
    expect(observations[5]).toContain("has been edited");
  });
});

/** Upstream bodies of a recorded session, played against a gateway in a process of its own. */
function replayed(recording: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [new URL("../../upstream/replay.ts", import.meta.url).pathname, recording], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(JSON.parse(output) as readonly string[]) : reject(new Error(`replay.ts ended with ${code}.`)),
    );
  });
}
