import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasCompacted, resultsOf } from "../../claude-code/events.ts";
import { OVERFLOW_WORDINGS, type Received } from "../../upstream/index.ts";
import { openSession, student } from "./session.ts";

const SUMMARY = "<analysis>Short.</analysis><summary>The secret word of the first part is GLACIER.</summary>";

function asksForSummary({ chat }: Received): boolean {
  return /detailed summary/.test(JSON.stringify(chat?.body.messages.at(-1)));
}

describe.each(["swe-agent", "native"] as const)("a full window, profile %s", (profile) => {
  test.each(OVERFLOW_WORDINGS)("vLLM says `%s`: the client compacts, and the session goes on", async (overflow) => {
    let folder = "";
    await using session = await openSession({
      profile,
      upstream: {
        overflow,
        contextTokens: profile === "swe-agent" ? 6_000 : 34_000,
        script: (request) => {
          const { body } = request;
          if (asksForSummary(request)) return { content: SUMMARY };
          if (body.includes("GLACIER")) return { content: "I still know the word GLACIER." };
          const command = `head -c 9000 ${profile === "swe-agent" ? "/testbed" : folder}/long.txt; echo ${session.upstream.chats.length}`;
          return { calls: [profile === "swe-agent" ? student.bash(command) : { name: "Bash", arguments: { command } }] };
        },
      },
      flags: ["--max-output-tokens", "1000"],
    });
    folder = session.folder;
    await writeFile(join(folder, "long.txt"), "Many words stand in this line.\n".repeat(400));

    const run = await session.run("2.1.329", "Read the long file again and again.");

    expect(run.code, run.stderr).toBe(0);
    expect(hasCompacted(run.events)).toBe(true);
    expect(resultsOf(run.events).at(-1)?.["result"]).toBe("I still know the word GLACIER.");
  });
});

describe.each(["2.0.77", "1.0.128"] as const)("Claude Code %s", (version) => {
  test("compacts when it is asked to, and goes on", async () => {
    await using session = await openSession({
      profile: "swe-agent",
      upstream: {
        script: (request) => {
          const { body } = request;
          if (asksForSummary(request)) return { content: SUMMARY };
          if (body.includes("GLACIER")) return { content: "I still know the word GLACIER." };
          return body.includes('"role":"tool"') ? { content: "Read." } : { calls: [student.bash("echo something")] };
        },
      },
    });
    const run = await session.run(version, ["Begin.", "/compact", "What was the word?"]);

    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(run.events).at(-1)?.["result"]).toBe("I still know the word GLACIER.");
  });
});
