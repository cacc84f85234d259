import { describe, expect, it } from "vitest";
import { createConversation, type ConversationOptions } from "./conversation.ts";

const FILES = { "src/app.py": "def f():\n    return 1\n", Makefile: "all:\n\techo hi\n", "empty.txt": "" };
const EDITOR = "str_replace_editor";

/** A conversation of the newer client unless told otherwise, one call of the model, and the client calls that it took. */
function after(args: object, options: ConversationOptions = {}, name = EDITOR) {
  const session = createConversation({ files: FILES, ...options });
  session.ask();
  const seen = session.use(name, args);
  return { session, seen, calls: session.clientCalls };
}

describe("view", () => {
  it("is one Read", () => {
    const { seen, calls } = after({ command: "view", path: "/testbed/src/app.py" });
    expect(calls).toEqual(["Read"]);
    expect(seen).toBe(
      "OBSERVATION:\nHere's the result of running `cat -n` on /testbed/src/app.py:\n     1\tdef f():\n     2\t    return 1\n     3\t\n",
    );
  });

  it("lists a folder with one command, and reads what only looked like one", () => {
    expect(after({ command: "view", path: "/testbed" })).toMatchObject({
      calls: ["Bash"],
      seen: "OBSERVATION:\nHere's the files and directories up to 2 levels deep in /testbed, excluding hidden items:\n/testbed\n/testbed/Makefile\n/testbed/empty.txt\n/testbed/src\n/testbed/src/app.py\n",
    });
    const { seen, calls } = after({ command: "view", path: "/testbed/Makefile" });
    expect(calls).toEqual(["Bash", "Read"]);
    expect(seen).toContain("     2\t        echo hi\n");
  });

  it("reads a folder that looks like a file, and then lists it", () => {
    const { calls, seen } = after({ command: "view", path: "/testbed/v1.2" }, { files: { "v1.2/a.txt": "x" } });
    expect(calls).toEqual(["Read", "Bash"]);
    expect(seen).toContain("\n/testbed/v1.2/a.txt\n");
  });

  it("knows a path again", () => {
    const { session, calls } = after({ command: "view", path: "/testbed/Makefile" });
    session.use(EDITOR, { command: "view", path: "/testbed/Makefile" });
    expect(calls).toEqual(["Bash", "Read", "Read"]);
  });

  it("asks for no more lines than the model does", () => {
    const { session, seen } = after({ command: "view", path: "/testbed/src/app.py", view_range: [2, 2] });
    expect(session.messages.at(-2)).toMatchObject({ content: [{ name: "Read", input: { offset: 2, limit: 1 } }] });
    expect(seen).toBe("OBSERVATION:\nHere's the result of running `cat -n` on /testbed/src/app.py:\n     2\t    return 1\n");
  });

  it("shows the beginning of a file that the client finds too large, with the hint", () => {
    const long = Array.from({ length: 30_000 }, (_, index) => `line ${index}`).join("\n");
    const { calls, seen } = after({ command: "view", path: "/testbed/long.txt" }, { files: { "long.txt": long } });
    expect(calls.length).toBeGreaterThan(1);
    expect(seen).toContain("<response clipped>");
    expect(seen).toContain("     1\tline 0\n");
  });

  it.each(["new", "old"] as const)("takes what an unchanged file showed before from the conversation (%s)", (generation) => {
    const session = createConversation({ files: FILES, generation });
    session.ask();
    const first = session.use(EDITOR, { command: "view", path: "/testbed/src/app.py" });
    session.use(EDITOR, { command: "view", path: "/testbed/src/app.py" });
    const last = session.messages.at(-1) as { content: { content: string }[] };
    last.content[0]!.content = "File unchanged since last read. The content from the earlier Read is still current.";
    expect(session.ask().at(-1)!.content).toBe(first);
  });
});

describe("edits", () => {
  const replace = { command: "str_replace", path: "/testbed/src/app.py", old_str: "return 1", new_str: "return 2" };

  it.each(["new", "old"] as const)("are a Read and an Edit, also where the client wants files to be read first (%s)", (generation) => {
    const { session, seen, calls } = after(replace, { generation });
    expect(calls).toEqual(["Read", "Edit"]);
    expect(session.machine.files.get("/home/me/my-project/src/app.py")).toBe("def f():\n    return 2\n");
    expect(seen).toMatch(
      /^OBSERVATION:\nThe file \/testbed\/src\/app\.py has been edited\. Here's the result of running `cat -n` on a snippet/,
    );
  });

  it("change nothing and take one Read where the harness would refuse", () => {
    const { seen, calls } = after({ ...replace, old_str: "no such text" });
    expect(calls).toEqual(["Read"]);
    expect(seen).toBe("OBSERVATION:\nNo replacement was performed: old_str `no such text` did not appear verbatim in /testbed/src/app.py.");
  });

  it("find a place in a file with tabs as the model saw it", () => {
    const { session } = after({ ...replace, path: "/testbed/Makefile", old_str: "        echo hi", new_str: "        echo ho" });
    expect(session.machine.files.get("/home/me/my-project/Makefile")).toBe("all:\n\techo ho\n");
  });

  it("fill an empty file", () => {
    const { session, calls } = after({ command: "insert", path: "/testbed/empty.txt", insert_line: 0, new_str: "x" });
    expect(calls).toEqual(["Read", "Write"]);
    expect(session.machine.files.get("/home/me/my-project/empty.txt")).toBe("x\n");
  });

  it("show what the client made of them, and take that back", () => {
    const { session, seen } = after({ ...replace, new_str: "return 2  \n    # done\t" });
    expect(session.machine.files.get("/home/me/my-project/src/app.py")).toBe("def f():\n    return 2\n    # done\n");
    expect(seen).toContain("     2\t    return 2\n     3\t    # done\n     4\t\n");
    const undone = session.use(EDITOR, { command: "undo_edit", path: "/testbed/src/app.py" });
    expect(undone).toMatch(/^OBSERVATION:\nThe last edit to \/testbed\/src\/app\.py was undone\./);
    expect(session.machine.files.get("/home/me/my-project/src/app.py")).toBe("def f():\n    return 1\n");
  });

  it("are not taken back when something else changed the place", () => {
    const { session } = after(replace);
    session.machine.files.set("/home/me/my-project/src/app.py", "def f():\n    return 3\n");
    expect(session.use(EDITOR, { command: "undo_edit", path: "/testbed/src/app.py" })).toContain("cannot be undone");
    expect(session.machine.files.get("/home/me/my-project/src/app.py")).toBe("def f():\n    return 3\n");
  });

  it("of one reply run side by side", () => {
    const session = createConversation({ files: FILES });
    session.ask();
    const call = (args: object) => [
      { kind: "call", name: EDITOR } as const,
      { kind: "arguments", text: JSON.stringify(args) } as const,
      { kind: "called", isWhole: true } as const,
    ];
    session.reply([...call(replace), ...call({ command: "insert", path: "/testbed/src/app.py", insert_line: 2, new_str: "# end" })]);
    const messages = session.ask();
    // The second change was planned before the first was made, and is planned anew.
    expect(session.clientCalls).toEqual(["Read", "Read", "Edit", "Edit", "Read", "Edit"]);
    expect(session.machine.files.get("/home/me/my-project/src/app.py")).toBe("def f():\n    return 2\n# end\n");
    expect(messages.slice(-2).map((message) => message.role)).toEqual(["tool", "tool"]);
  });
});

describe("create", () => {
  it("asks whether the file is there and writes it", () => {
    const { session, calls, seen } = after({ command: "create", path: "/testbed/new.py", file_text: "ROOT = '/testbed/src'\n" });
    expect(calls).toEqual(["Read", "Write"]);
    expect(seen).toBe("OBSERVATION:\nFile created successfully at: /testbed/new.py");
    expect(session.machine.files.get("/home/me/my-project/new.py")).toBe("ROOT = '/home/me/my-project/src'\n");
  });

  it("never writes over a file", () => {
    const { session, calls, seen } = after({ command: "create", path: "/testbed/src/app.py", file_text: "gone" });
    expect(calls).toEqual(["Read"]);
    expect(seen).toContain("File already exists at: /testbed/src/app.py");
    expect(session.machine.files.get("/home/me/my-project/src/app.py")).toContain("def f()");
  });
});

describe("bash", () => {
  it("runs in the client's directory and shows what the harness would", () => {
    const commands: string[] = [];
    const bash = (command: string) => {
      commands.push(command);
      return { text: "FAILED /home/me/my-project/test_app.py", exitCode: 1 };
    };
    const { seen } = after({ command: "cd /testbed && pytest /testbed/test_app.py" }, { bash }, "bash");
    // The client takes its own directory's `cd` away.
    expect(commands).toEqual(["pytest /home/me/my-project/test_app.py"]);
    expect(seen).toBe("OBSERVATION:\nFAILED /testbed/test_app.py\n");
  });

  it("says it where nothing was printed", () => {
    expect(after({ command: "true" }, {}, "bash").seen).toBe("OBSERVATION:\nThe command ran to its end and printed nothing.");
  });
});
