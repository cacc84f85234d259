import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resultsOf, toolUses } from "../../claude-code/events.ts";
import { CLIENT_VERSIONS } from "../../claude-code/install.ts";
import { agentChats, expectPrefixes, observations, openSession, play } from "./session.ts";

const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQI12P4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC", "base64");

const call = (name: string, input: Readonly<Record<string, unknown>>) => ({ name, arguments: input });

describe.each(CLIENT_VERSIONS)("the client's own tools in Claude Code %s", (version) => {
  /** The tool that starts another agent was renamed. */
  const agentTool = version.startsWith("2.1") ? "Agent" : "Task";

  test("an editing loop with several calls at once, a failing command, a folder and wrong arguments", async () => {
    let folder = "";
    const at = (path: string): string => join(folder, path);
    await using session = await openSession({
      profile: "native",
      upstream: {
        script: (request, index) => {
          if ((request.chat?.body.tools?.length ?? 0) === 0) return { content: "A short answer." };
          const turns = [
            {
              thinking: "I read first.",
              content: "Reading.",
              calls: [call("Read", { file_path: at("a.py") }), call("Bash", { command: "echo out; exit 3" })],
            },
            { calls: [call("Edit", { file_path: at("a.py"), old_string: "x = 1", new_string: 'x = "<think>{}"' })] },
            { calls: [call("Read", { file_path: folder }), call("NoSuchTool", { a: 1 }), call("Bash", {})] },
            { calls: [{ name: "Bash", arguments: '{"command": "echo {never' }] },
            { content: "Literal <think> tags, and done." },
          ];
          return turns[agentIndex(index)] ?? { content: "There is no more in the script." };
        },
      },
    });
    // Some clients ask other things in between.
    const agentIndex = (index: number): number =>
      session.upstream.chats.slice(0, index).filter(({ chat }) => (chat?.body.tools?.length ?? 0) > 5 && !isWarmup(chat)).length;
    folder = session.folder;
    await writeFile(at("a.py"), "x = 1\n");

    const run = await session.run(version, "Change x.");

    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(run.events).at(-1)?.["result"]).toBe("Literal <think> tags, and done.");
    expect(await readFile(at("a.py"), "utf8")).toBe('x = "<think>{}"\n');
    const seen = observations(session.upstream);
    expect(seen[0]).toContain("x = 1");
    expect(seen[1]).toContain("out");
    expect(seen[3]).toMatch(/EISDIR|directory/i);
    expect(seen[4]).toContain("No such tool available: NoSuchTool");
    expect(seen[5]).toMatch(/command/);
    expect(seen[6]).toMatch(/InputValidationError|required/i);
    expect(toolUses(run.events).some(({ input }) => input["command"] === "")).toBe(false);
    expectPrefixes(agentChats(session.upstream));
  });

  test("images reach a model that sees, and are named to one that does not", async () => {
    for (const flags of [["--vision"], []]) {
      let folder = "";
      await using session = await openSession({
        profile: "native",
        flags,
        upstream: {
          canSeeImages: flags.length > 0,
          script: (request) =>
            JSON.stringify(request.json).includes('"role":"tool"')
              ? { content: "One pixel." }
              : { calls: [call("Read", { file_path: join(folder, "pixel.png") })] },
        },
      });
      folder = session.folder;
      await writeFile(join(folder, "pixel.png"), PIXEL);

      const run = await session.run(version, "What is in pixel.png?", { args: ["--allowedTools", "Read"] });

      expect(resultsOf(run.events).at(-1)?.["result"]).toBe("One pixel.");
      const body = agentChats(session.upstream).at(-1)!.body;
      expect(body.includes("data:image/png;base64,")).toBe(flags.length > 0);
      expect(body).toContain("image/png");
    }
  });

  test("another agent is started, works with its own tools, and reports", async () => {
    let folder = "";
    await using session = await openSession({
      profile: "native",
      upstream: {
        script: (request) => {
          const { body } = request;
          if ((request.chat?.body.tools?.length ?? 0) === 0) return { content: "A short answer." };
          const isSubagent = body.includes("COUNT-THE-LINES") && !body.includes(`"name":"${agentTool}","arguments"`);
          const hasResult = body.includes('"role":"tool"');
          if (isSubagent) {
            return hasResult
              ? { content: "SUBAGENT-SAYS two lines." }
              : { calls: [call("Bash", { command: `wc -l ${join(folder, "two.txt")}` })] };
          }
          if (hasResult) return { content: "The other agent counted." };
          const input = { description: "Count lines", prompt: "COUNT-THE-LINES of two.txt", subagent_type: "general-purpose" };
          return { calls: [call(agentTool, version.startsWith("2.1") ? { ...input, run_in_background: false } : input)] };
        },
      },
    });
    folder = session.folder;
    await writeFile(join(folder, "two.txt"), "1\n2\n");

    const run = await session.run(version, "Let somebody else look at it.");

    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(run.events).at(-1)?.["result"]).toBe("The other agent counted.");
    expect(session.upstream.chats.some(({ body }) => body.includes("SUBAGENT-SAYS"))).toBe(true);
  });

  test("a web search is answered without the model, and the model learns that there is none", async () => {
    await using session = await openSession({
      profile: "native",
      upstream: {
        script: play([{ calls: [call("WebSearch", { query: "serac glacier" })] }, { content: "There is no web here." }]),
      },
    });
    // The newest one offers the tool only when it is asked to.
    const args = version.startsWith("2.1") ? ["--tools", "WebSearch,Read,Bash"] : [];
    const run = await session.run(version, "Search the web.", { args });

    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(run.events).at(-1)?.["result"]).toBe("There is no web here.");
    expect(observations(session.upstream).join()).toMatch(/not available/i);
  });
});

function isWarmup(chat: { readonly prompt: string } | null): boolean {
  return chat !== null && /\bWarmup\b/.test(chat.prompt.slice(-200));
}

test("nothing that a client asks for in the background costs the agent a turn", async () => {
  await using session = await openSession({ profile: "swe-agent", upstream: { script: play([{ content: "Hello." }]) } });
  await mkdir(join(session.folder, ".git"));
  for (const version of CLIENT_VERSIONS) {
    const run = await session.run(version, "Say hello.");
    expect(run.code, run.stderr).toBe(0);
  }
  // The first client got the only line of the script; the others a text all the same.
  expect(agentChats(session.upstream)).toHaveLength(CLIENT_VERSIONS.length);
});
