import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf, resultsOf, toolUses } from "../../claude-code/events.ts";
import { CLIENT_VERSIONS } from "../../claude-code/install.ts";
import { agentChats, expectPrefixes, observations, openSession, play, student } from "./session.ts";

const SOURCE = "def total(prices):\n    result = 1\n    for price in prices:\n        result += price\n    return result\n\n\n# The end.\n";

describe.each(CLIENT_VERSIONS)("the student's tools in Claude Code %s", (version) => {
  test("a bug is found, mended and checked, and the model reads what it read in training", async () => {
    await using session = await openSession({
      profile: "swe-agent",
      upstream: {
        script: play([
          { thinking: "Where is it?", content: "I look around.", calls: [student.view("/testbed")] },
          { thinking: "There.", calls: [student.view("/testbed/shop/cart.py")] },
          {
            content: "It begins at one in /testbed/shop/cart.py.",
            calls: [student.replace("/testbed/shop/cart.py", "    result = 1\n", "    result = 0\n")],
          },
          { calls: [student.create("/testbed/check.py", "from shop.cart import total\nprint(total([1, 2]))\n")] },
          { calls: [student.bash("cd /testbed && PYTHONPATH=/testbed python3 check.py && rm /testbed/check.py && pwd")] },
          { calls: [student.insert("/testbed/shop/cart.py", 0, "# Prices are numbers.")] },
          { calls: [student.undo("/testbed/shop/cart.py")] },
          { calls: [student.view("/testbed/shop/cart.py", [1, 3])] },
          { content: "The sum began at 1; it begins at 0 now.", calls: [student.submit] },
          { content: "Because nothing was added yet." },
        ]),
      },
    });
    const file = join(session.folder, "shop/cart.py");
    await mkdir(join(session.folder, "shop"));
    await writeFile(file, SOURCE);

    const run = await session.run(version, ["The total of a cart is wrong by one.", "Why zero?"]);

    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(run.events).map(({ result }) => result)).toEqual([
      "The sum began at 1; it begins at 0 now.",
      "Because nothing was added yet.",
    ]);
    // A person reads the person's paths.
    expect(blocksOf(run.events, "assistant").map(({ text }) => text)).toContain(`It begins at one in ${file}.`);
    expect(await readFile(file, "utf8")).toBe(SOURCE.replace("result = 1", "result = 0"));
    expect(existsSync(join(session.folder, "check.py"))).toBe(false);
    const seen = observations(session.upstream);
    expect(seen[0]).toBe(
      "OBSERVATION:\nHere's the files and directories up to 2 levels deep in /testbed, excluding hidden items:\n/testbed\n/testbed/shop\n/testbed/shop/cart.py\n",
    );
    expect(seen[1]).toMatch(
      /^OBSERVATION:\nHere's the result of running `cat -n` on \/testbed\/shop\/cart\.py:\n {5}1\tdef total\(prices\):\n/,
    );
    expect(seen[2]).toMatch(
      /^OBSERVATION:\nThe file \/testbed\/shop\/cart\.py has been edited\. Here's the result of running `cat -n` on a snippet/,
    );
    expect(seen[2]).toContain("     2\t    result = 0\n");
    expect(seen[3]).toBe("OBSERVATION:\nFile created successfully at: /testbed/check.py");
    expect(seen[4]?.trimEnd()).toBe("OBSERVATION:\n3\n/testbed");
    expect(seen[5]).toContain("     1\t# Prices are numbers.\n");
    expect(seen[6]).toContain("The last edit to /testbed/shop/cart.py was undone.");
    expect(seen[7]).toContain("     3\t    for price in prices:");
    expectPrefixes(agentChats(session.upstream));
    for (const { body } of agentChats(session.upstream)) expect(body).not.toContain(session.folder);
  });

  test("several calls at once, failing commands, refused edits and things that are not there", async () => {
    await using session = await openSession({
      profile: "swe-agent",
      upstream: {
        script: play([
          { calls: [student.bash("echo one"), student.view("/testbed/errors.py"), student.bash("echo out; echo err >&2; exit 3")] },
          { calls: [student.replace("/testbed/errors.py", "absent", "x"), student.replace("/testbed/errors.py", "same", "other")] },
          { calls: [student.view("/testbed/nowhere.py"), student.create("/testbed/errors.py", "gone\n"), student.bash("true")] },
          { calls: [student.view("/testbed/empty.folder")] },
          { calls: [{ name: "bash", arguments: '{"command": "echo never' }] },
          { calls: [{ name: "search", arguments: { query: "x" } }] },
          { calls: [student.bash("")] },
          { content: "That was all.", calls: [student.submit] },
        ]),
      },
    });
    const text = "same = 1\nsame = 2\n";
    await writeFile(join(session.folder, "errors.py"), text);
    await mkdir(join(session.folder, "empty.folder/inner"), { recursive: true });

    const run = await session.run(version, "Try this and that.");

    expect(run.code, run.stderr).toBe(0);
    expect(resultsOf(run.events).at(-1)?.["result"]).toBe("That was all.");
    expect(await readFile(join(session.folder, "errors.py"), "utf8")).toBe(text);
    const seen = observations(session.upstream);
    expect(seen[0]?.trimEnd()).toBe("OBSERVATION:\none");
    expect(seen[1]).toContain("     2\tsame = 2\n");
    expect(seen[2]).toContain("out");
    expect(seen[2]).toContain("err");
    expect(seen[2]).not.toMatch(/exit code|NOT performed/i);
    expect(seen[3]).toMatch(/^OBSERVATION:\nNo replacement was performed: /);
    expect(seen[4]).toMatch(/^OBSERVATION:\nNo replacement was performed: [^]*\b1\b[^]*\b2\b/);
    expect(seen[5]).toBe("OBSERVATION:\nThe path /testbed/nowhere.py does not exist. Give the path of something that is there.");
    expect(seen[6]).toContain("File already exists at: /testbed/errors.py.");
    expect(seen[7]).toBe("OBSERVATION:\nThe command ran to its end and printed nothing.");
    expect(seen[8]).toContain("/testbed/empty.folder/inner");
    expect(toolUses(run.events).filter(({ name, input }) => name === "Bash" && input["command"] === "")).toEqual([]);
    const last = JSON.stringify(agentChats(session.upstream).at(-1)?.json);
    expect(last).toContain("not valid JSON");
    expect(last).toContain("There is no tool named `search`");
    expect(last).toContain("The command is empty.");
    expectPrefixes(agentChats(session.upstream));
  });

  test("what the user does not allow is told to the model, and nothing happens", async () => {
    await using session = await openSession({
      profile: "swe-agent",
      upstream: {
        script: play([
          { calls: [student.view("/testbed/a.txt")] },
          { calls: [student.replace("/testbed/a.txt", "one", "two"), student.bash("touch made")] },
          { content: "I may not." },
        ]),
      },
    });
    await writeFile(join(session.folder, "a.txt"), "one\n");

    const run = await session.run(version, "Change one to two.", { permissionMode: "default" });

    expect(run.code, run.stderr).toBe(0);
    expect(await readFile(join(session.folder, "a.txt"), "utf8")).toBe("one\n");
    expect(existsSync(join(session.folder, "made"))).toBe(false);
    const [, edit, command] = observations(session.upstream);
    expect(edit).toMatch(/permission|granted|approval/i);
    expect(command).toMatch(/permission|granted|approval/i);
    expectPrefixes(agentChats(session.upstream));
  });
});
