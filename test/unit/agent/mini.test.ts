import { afterAll, describe, expect, it } from "vitest";
import { FINAL_COMMAND } from "../../../core/agent/toolsets/mini/definitions.ts";
import { mini } from "../../../core/agent/toolsets/mini/index.ts";
import type { Sandbox } from "../../../core/agent/sandbox.ts";
import { replyWith } from "./support/hand.ts";
import { LIMITS } from "./support/limits.ts";
import { workbench } from "./support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());

const bash = (command: string) => ({ name: "bash", arguments: { command } });

async function run(sandbox: Sandbox, ...commands: readonly string[]) {
  const parsed = mini.parse(replyWith(...commands.map(bash)));
  if (parsed.kind === "requery") throw new Error(parsed.text);
  let state = mini.initialState;
  const contents: string[] = [];
  for (const call of parsed.calls) {
    const result = await mini.execute(call, { sandbox, state, limits: { ...LIMITS, commandSeconds: 2 } });
    state = mini.reduce(state, result.effect);
    contents.push(result.content);
  }
  return { contents, verdict: mini.verdict(state) };
}

describe("the mini toolset", () => {
  it("runs several calls of one reply, each in a shell of its own at /testbed", async () => {
    const sandbox = await bench.open({ "src/a.txt": "x\n" });
    const { contents } = await run(sandbox, "cd src; export A=1; pwd", "pwd; echo [$A]", "exit 3");
    expect(contents).toEqual([
      "<returncode>0</returncode>\n<output>\n/testbed/src\n</output>",
      "<returncode>0</returncode>\n<output>\n/testbed\n[]\n</output>",
      "<returncode>3</returncode>\n<output>\n</output>",
    ]);
  });

  it("shows 5,000 characters of head and tail when there are more than 10,000", async () => {
    const sandbox = await bench.open({
      "exact.txt": "\u{1f600}".repeat(10_000),
      "long.txt": `${"a".repeat(5000)}${"b".repeat(123)}${"\u{1f600}".repeat(5000)}`,
    });
    const { contents } = await run(sandbox, "cat exact.txt", "cat long.txt");
    expect(contents[0]).not.toContain("<output_head>");
    expect(contents[1]).toContain(`<output_head>\n${"a".repeat(5000)}\n</output_head>`);
    expect(contents[1]).toContain("\n123 characters left out\n");
    expect(contents[1]).toContain(`<output_tail>\n${"\u{1f600}".repeat(5000)}\n</output_tail>`);
  });

  it("is submitted by the final command and by nothing that prints the same", async () => {
    const sandbox = await bench.open({ "a.txt": FINAL_COMMAND });
    expect((await run(sandbox, "cat a.txt")).verdict).toBeNull();
    expect((await run(sandbox, `true; ${FINAL_COMMAND}`)).verdict).toBeNull();
    expect((await run(sandbox, ` ${FINAL_COMMAND}\n`)).verdict).toBe("submitted");
  });

  it("documents the final command, and wants it alone", () => {
    expect(mini.instancePrompt({ kind: "pull_request", text: "x" })).toContain(`\n${FINAL_COMMAND}`);
    expect(mini.parse(replyWith(bash("ls"), bash(FINAL_COMMAND)))).toMatchObject({ kind: "requery" });
    expect(mini.parse(replyWith(bash(FINAL_COMMAND)))).toMatchObject({ kind: "calls" });
  });

  it("requeries what it cannot run", () => {
    for (const reply of [
      replyWith(),
      replyWith({ name: "sh", arguments: { command: "ls" } }),
      replyWith(bash("ls"), { name: "bash", arguments: "{" }),
    ]) {
      expect(mini.parse(reply)).toMatchObject({ kind: "requery" });
    }
    expect(mini.parse(replyWith(...Array.from({ length: 17 }, () => bash("ls"))))).toMatchObject({ kind: "requery" });
  });
});
