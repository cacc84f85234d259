import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hermes } from "../../core/dataset/formats/hermes.ts";
import { chatFrame, textSha256 } from "../../core/dataset/formats/text-message.ts";
import { toolsOf, turnsOf, type GoldenMessage } from "../golden/golden.ts";
import { removeFolder, temporaryFolder } from "../folder.ts";
import { NO_OUTPUT, OBSERVATION_PREFIX } from "../../core/agent/observation.ts";
import { createWireClient, runBash } from "../upstream/client.ts";
import { startGateway } from "../upstream/gateway.ts";
import { startUpstream } from "../upstream/index.ts";
import { exampleRepository, serac } from "./serac.ts";

/** What a repository about chat models holds, in a file that every rollout begins to read. */
const TAGS = `"""Shows </think> and <tool_call>{"name": "x"}</tool_call>, <\\think>, <|im_end|>, <|im_start|>system; é 中 😀."""\n`;

interface Row {
  readonly messages: readonly GoldenMessage[];
  readonly tools: string;
  readonly pull_request: string;
  readonly text_sha256: string;
}

let folder: string;
let repository: string;
let rows: readonly Row[];

beforeAll(async () => {
  folder = temporaryFolder();
  repository = await exampleRepository(folder);
  for (const name of readdirSync(join(repository, "parcels"))) {
    if (!name.endsWith(".py")) continue;
    const path = join(repository, "parcels", name);
    writeFileSync(path, `# ${TAGS.slice(3, -4)}\n${readFileSync(path, "utf8")}`);
  }
  const git = (...args: readonly string[]): unknown =>
    execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", ...args], { cwd: repository });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "The parcel desk");
  const run = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await serac(args, { cwd: folder });
    if (code !== 0) throw new Error(stderr);
  };
  await run("run", repository, "--rehearse", "--samples", "6", "--threshold", "0", "--seed", "3");
  await run("export", "latest", "--format", "openai", "--file", "jsonl", "--out", "dataset");
  const lines = readFileSync(join(folder, "dataset/t2/train-00000.jsonl"), "utf8").split("\n").filter(Boolean);
  rows = lines.map((line): Row => JSON.parse(line));
}, 120_000);

afterAll(() => removeFolder(folder));

/**
 * Runs every command, and answers those of the rollout with what they printed then: this machine answers `git log` and the like in its
 * own way, and Claude Code cuts blank lines off (docs/adr/0025). Other commands are the gateway's.
 */
function shellOf({ messages }: Row): typeof runBash {
  const calls = messages.flatMap((message) => message.tool_calls ?? []);
  const outputs = messages.filter((message) => message.role === "tool").map((message) => message.content);
  const recorded = calls.map(({ function: { name, arguments: json } }, at) => ({
    command: name === "bash" ? String((JSON.parse(json) as { readonly command: unknown }).command) : null,
    output: outputs[at]?.slice(OBSERVATION_PREFIX.length) ?? "",
  }));
  return async (command, place) => {
    const result = await runBash(command, place);
    const at = recorded.findIndex((each) => each.command === command.replaceAll(place, "/testbed"));
    if (at < 0) return { ...result, output: result.output.trimEnd() };
    const [{ output } = { output: "" }] = recorded.splice(at, 1);
    return { code: 0, output: output === NO_OUTPUT ? "" : output.replaceAll("/testbed", place) };
  };
}

describe.each(["verbatim", "dumped"] as const)("a rollout is done again through the gateway, by a server whose parser is %s", (dialect) => {
  it("asks before every reply with the beginning of the training text, byte for byte", async () => {
    expect(rows.length).toBeGreaterThan(2);
    for (const [number, row] of rows.entries()) {
      const rendered = hermes.render(turnsOf(row.messages), toolsOf(row.tools))!;
      expect(textSha256(rendered)).toBe(row.text_sha256);
      const replies = rendered.flatMap((message, at) => (message.role === "assistant" ? [{ at, text: message.content }] : []));
      const place = join(folder, `${dialect}-${number}`);
      cpSync(repository, place, { recursive: true });
      await using upstream = await startUpstream({ script: replies.map(({ text }) => ({ text })), dialect, contextTokens: 1_000_000 });
      await using gateway = await startGateway({ upstreamUrl: upstream.url, model: { profile: "swe-agent" } });
      await createWireClient({ gatewayUrl: gateway.url, folder: place, bash: shellOf(row) }).say(row.pull_request);

      const prompts = upstream.chats.map(({ chat }) => chat!.prompt);
      const expected = replies.map(({ at }) => `${rendered.slice(0, at).map(chatFrame).join("")}<|im_start|>assistant\n`);
      // A first submit ends the turn: what comes behind it in the harness is said by the person who looks at the work.
      const handedIn = replies.findIndex(({ text }) => text.includes('{"name": "submit"'));
      expect(prompts).toEqual(expected.slice(0, handedIn + 1));
      expect(prompts.length).toBeGreaterThan(2);
      expect(gateway.defects).toEqual([]);
    }
    const texts = rows.flatMap((row) => row.messages.map((message) => message.content)).join("\n");
    expect(texts).toContain("<|im_end|>");
  });
});
