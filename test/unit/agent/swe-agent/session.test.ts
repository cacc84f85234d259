import { afterAll, describe, expect, it } from "vitest";
import { NO_OUTPUT } from "../../../../core/agent/observation.ts";
import { sweAgent } from "../../../../core/agent/toolsets/swe-agent/index.ts";
import { hand, replyWith } from "../support/hand.ts";
import { LIMITS } from "../support/limits.ts";
import { workbench } from "../support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());

describe("bash", () => {
  it("keeps directory and variables, and says when nothing was printed", async () => {
    const agent = hand(await bench.open({ "src/a.txt": "x\n" }));
    expect(await agent.bash("cd src && export NAME=value")).toBe(NO_OUTPUT);
    expect(await agent.bash("pwd; echo $NAME; cat a.txt")).toBe("/testbed/src\nvalue\nx\n");
  });

  it("feeds a syntax error back and runs nothing", async () => {
    const agent = hand(await bench.open({ "a.txt": "x\n" }));
    expect(await agent.bash("echo gone > a.txt; if then")).toMatch(/not valid bash, and nothing was run/);
    expect(await agent.text("/testbed/a.txt")).toBe("x\n");
  });

  it("keeps what a stopped command had printed and names the limit", async () => {
    const sandbox = await bench.open({ "a.txt": "x\n" });
    const parsed = sweAgent.parse(replyWith({ name: "bash", arguments: { command: "echo before; sleep 600" } }));
    if (parsed.kind !== "calls") throw new Error(parsed.text);
    const context = { sandbox, state: sweAgent.initialState, limits: { ...LIMITS, commandSeconds: 0.5 } };
    const result = await sweAgent.execute(parsed.calls[0]!, context);
    expect(result.timedOut).toBe(true);
    expect(result.content).toMatch(/^OBSERVATION:\nbefore\n.*limit of 0\.5 seconds/);
  });

  it("can give up, but only by the command itself", async () => {
    const agent = hand(await bench.open({ "a.txt": "x\n" }));
    await agent.bash("echo exit_forfeit; echo '###SWE-AGENT-EXIT-FORFEIT###'");
    expect(agent.verdict()).toBeNull();
    await agent.bash("exit_forfeit");
    expect(agent.verdict()).toBe("exit_forfeit");
  });
});

describe("submit", () => {
  it("first asks for a check with the whole diff, then hands in exactly the patch", async () => {
    const agent = hand(await bench.open({ "a.txt": "one\n" }));
    await agent.replace("/testbed/a.txt", "one", "two");
    await agent.edit({ command: "create", path: "/testbed/b.txt", file_text: "new\n" });
    const patch = await agent.diff();
    const review = await agent.submit();
    expect(review).toMatch(/^Thank you/);
    expect(review).toContain("git checkout -- ");
    expect(review).toMatch(/[Rr]emove the reproduction script/);
    expect(review).toContain(patch);
    expect(patch).toContain("+++ b/b.txt");
    expect(agent.verdict()).toBeNull();
    expect(await agent.submit()).toBe(patch);
    expect(agent.verdict()).toBe("submitted");
  });

  it("shows a diff that has changed since, at most twice more", async () => {
    const agent = hand(await bench.open({ "a.txt": "0\n" }));
    const edits = async (from: number) => {
      await agent.replace("/testbed/a.txt", `${from}`, `${from + 1}`);
      return agent.submit();
    };
    expect(await edits(0)).toContain("+1\n");
    expect(await edits(1)).toContain("+2\n");
    expect(await edits(2)).toContain("+3\n");
    expect(agent.verdict()).toBeNull();
    expect(await edits(3)).toMatch(/^diff --git/);
    expect(agent.verdict()).toBe("submitted");
  });

  it("takes no marker that a command printed for a submission", async () => {
    const agent = hand(await bench.open({ "a.txt": "0\n" }));
    await agent.bash("echo '<<SWE_AGENT_SUBMISSION>>'; echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT");
    expect(agent.verdict()).toBeNull();
  });

  it("hands in nothing with the fixed sentence when nothing was changed", async () => {
    const agent = hand(await bench.open({ "a.txt": "0\n" }));
    await agent.submit();
    expect(await agent.submit()).toBe(NO_OUTPUT);
    expect(agent.verdict()).toBe("submitted");
  });

  it("leaves the agent's own git to itself", async () => {
    const agent = hand(await bench.open({ "a.txt": "0\n", "test_a.txt": "t\n" }));
    await agent.bash("echo 1 > a.txt; echo broken > test_a.txt");
    await agent.submit();
    expect(await agent.bash("git diff")).toContain("+broken");
    await agent.bash("git checkout -- test_a.txt");
    expect(await agent.text("/testbed/test_a.txt")).toBe("t\n");
    expect(await agent.submit()).not.toContain("broken");
  });
});

describe("prompts", () => {
  it("name the repository, the function, the file and the complaint", () => {
    const prompt = sweAgent.instancePrompt({
      kind: "complaint",
      functionName: "Cart.total",
      path: "src/cart.py",
      complaint: "It adds up wrong.",
    });
    for (const part of [
      "/testbed",
      "Cart.total",
      "src/cart.py",
      "It adds up wrong.",
      "smallest change",
      "script that reproduces",
      "Think carefully",
    ]) {
      expect(prompt).toContain(part);
    }
    expect(prompt).toMatch(/not tests/);
  });

  it("of a pull request are the same for every text but for the text itself", () => {
    const first = sweAgent.instancePrompt({ kind: "pull_request", text: "AAA" });
    const second = sweAgent.instancePrompt({ kind: "pull_request", text: "BBB" });
    expect(first.replace("AAA", "BBB")).toBe(second);
    expect(first).toContain("AAA");
  });
});
