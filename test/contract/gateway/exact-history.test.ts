import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AssistantTurn } from "../../../core/dataset/conversation.ts";
import { hermes } from "../../../core/dataset/formats/hermes.ts";
import type { ProfileName } from "../../../core/gateway/served-model.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";
import { createWireClient } from "../../upstream/client.ts";
import { stage } from "../../upstream/stage.ts";

const TAGS = "</think> <tool_call> <\\tool_call> <|im_end|> é 😀";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder, "a.txt"), `${TAGS}\n`);
});
afterEach(() => removeFolder(folder));

type Parts = Partial<Omit<AssistantTurn, "role" | "train" | "toolCalls">> & { readonly calls?: readonly (readonly [string, unknown])[] };

/** What a model writes that has learned from our text. */
function written({ content = "", reasoning = null, calls = [] }: Parts): string {
  const toolCalls = calls.map(([name, input], at) => ({ id: String(at), name, arguments: JSON.stringify(input) }));
  return hermes.render([{ role: "assistant", content, reasoning, toolCalls, train: true }], [])![0]!.content;
}

/** Replies of all the forms that there are. The names of tools and arguments are those of each profile. */
const repliesIn = (bash: string, look: readonly [string, unknown]): readonly string[] =>
  [
    { reasoning: "Look.", content: "I look.", calls: [[bash, { command: "cat a.txt" }]] },
    { reasoning: "", calls: [[bash, { command: "printf '%s\\n' '<think>' '</tool_response>'" }]] },
    { content: "No thought.\n", calls: [[bash, { command: `echo '${TAGS}'` }]] },
    { reasoning: TAGS, content: TAGS, calls: [look] },
    { reasoning: "\n lines \n\n", content: "Ends with two.\n\n", calls: [look] },
    { calls: [[bash, { command: "true" }]] },
    { reasoning: "At once.", content: "Two.", calls: [look, [bash, { command: "echo two" }]] },
    { reasoning: "Done.", content: "All is done.\n\nReally." },
  ].map((parts) => written(parts as Parts));

const PROFILES: readonly (readonly [ProfileName, (folder: string) => readonly string[]])[] = [
  ["native", (place) => repliesIn("Bash", ["Read", { file_path: join(place, "a.txt") }])],
  ["swe-agent", () => repliesIn("bash", ["str_replace_editor", { command: "view", path: "/testbed/a.txt" }])],
];

describe.each(PROFILES)("profile %s", (profile, repliesFor) => {
  it.each(["verbatim", "dumped"] as const)(
    "a prompt begins with the one before and what the model wrote to it, parser %s",
    async (dialect) => {
      const replies = repliesFor(folder);
      const { upstream, gateway } = await stage(
        [...replies, "Fine."].map((text) => ({ text })),
        { dialect },
        { model: { profile } },
      );
      const client = createWireClient({ gatewayUrl: gateway.url, folder });
      await client.say(`Please look at ${TAGS}`);
      await client.say("And now?");
      const prompts = upstream.chats.map(({ chat }) => chat!.prompt);
      expect(prompts).toHaveLength(replies.length + 1);
      for (const [at, text] of replies.entries()) {
        const before = `${prompts[at]}${text}<|im_end|>\n`;
        expect(prompts[at + 1]!.slice(0, before.length)).toBe(before);
      }
    },
  );
});
