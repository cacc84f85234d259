import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NO_OUTPUT } from "../../../core/agent/observation.ts";
import { hand } from "../../unit/agent/support/hand.ts";
import { workbench, type Files, type Workbench } from "../../unit/agent/support/repository.ts";
import { SANDBOX_DRIVERS } from "./drivers.ts";

const { missing, create } = SANDBOX_DRIVERS.find((driver) => driver.name === "bubblewrap")!;

/** What only a real bash, a real git and real files can show of the swe-agent toolset. */
describe.skipIf(missing !== null)(`swe-agent in bubblewrap${missing === null ? "" : `: ${missing}`}`, () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = workbench(await create());
  });
  afterAll(() => bench.close());
  const agentOn = async (files: Files) => hand(await bench.open(files));

  it("keeps the session's promises", async () => {
    const agent = await agentOn({ "a.txt": "x\n", "src/b.txt": "y\n" });
    expect(await agent.bash("pwd")).toBe("/testbed\n");
    expect(await agent.bash('echo "Hello!"')).toBe("Hello!\n");
    expect(await agent.bash("cd src\n# a comment\nexport A='1 2'\nB=3")).toBe(NO_OUTPUT);
    expect(await agent.bash('pwd; echo "$A"')).toBe("/testbed/src\n1 2\n");
    expect(await agent.bash("echo out; echo err >&2; echo out2")).toBe("out\nerr\nout2\n");
    expect(await agent.bash("printf '\\033[31mred\\033[0m\\r\\n\\377\\n'")).toBe("red\n\\xff\n");
    expect(await agent.bash("cat <<'EOF'\n$A `x`\nEOF")).toBe("$A `x`\n");
    expect(await agent.bash("echo $GIT_PAGER $PAGER $LANG")).toBe("cat cat C.UTF-8\n");
  });

  it("lives on after exit, exec and set -e, and says so", async () => {
    const agent = await agentOn({ "src/b.txt": "y\n" });
    await agent.bash("cd src; export A=kept");
    expect(await agent.bash("echo before; exit 3")).toMatch(/^before\nThe shell had ended .* was started again/);
    expect(await agent.bash("pwd; echo $A")).toBe("/testbed/src\nkept\n");
    expect(await agent.bash("exec ls")).toMatch(/^b\.txt\nThe shell had ended/);
    await agent.bash("set -e; false; echo not reached");
    expect(await agent.bash("false; pwd")).toContain("/testbed/src\n");
  });

  it("edits files so that real git sees one changed line each", async () => {
    const agent = await agentOn({
      "tabs.go": "func a() {\n\tx := 1\n}\n",
      "crlf.txt": "one\r\ntwo\r\n",
      "latin.txt": Buffer.from("caf\xe9\nx\n", "latin1"),
      "no-end.txt": "a\nb",
      "with space é.txt": "a\n",
    });
    await agent.replace("/testbed/tabs.go", "        x := 1", "        x := 2");
    await agent.replace("/testbed/crlf.txt", "two", "2");
    await agent.replace("/testbed/latin.txt", "café", "thé");
    await agent.replace("/testbed/no-end.txt", "a", "A");
    await agent.replace("/testbed/with space é.txt", "a", "b");
    expect(await agent.bash("git diff --numstat | cut -f1,2 | sort | uniq -c")).toMatch(/^\s*5 1\t1\n$/);
    expect((await agent.bytes("/testbed/latin.txt")).toString("latin1")).toBe("th\xe9\nx\n");
  });

  it("lets the agent put test files back, and submits new files but no ignored ones", async () => {
    const agent = await agentOn({ ".gitignore": "*.log\n", "a.py": "x = 1\n", "tests/test_a.py": "pass\n" });
    await agent.replace("/testbed/a.py", "x = 1", "x = 2");
    await agent.bash("echo broken > tests/test_a.py; echo l > run.log; echo n > new.py");
    const review = await agent.submit();
    expect(review).toContain("+broken");
    expect(review).toContain("+++ b/new.py");
    expect(review).not.toContain("run.log");
    expect(await agent.bash("git checkout -- tests/test_a.py && git status --short")).toBe(" M a.py\n?? new.py\n");
    expect(await agent.submit()).not.toContain("broken");
    expect(await agent.submit()).toMatch(/^diff --git/);
    expect(agent.verdict()).toBe("submitted");
  });

  it("feeds bash's own syntax error back and runs nothing", async () => {
    const agent = await agentOn({ "a.txt": "x\n" });
    expect(await agent.bash('echo gone > a.txt; echo "unclosed')).toMatch(/nothing was run/);
    expect(await agent.text("/testbed/a.txt")).toBe("x\n");
  });
});
