import { spawn } from "node:child_process";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasCompacted, resultsOf } from "../claude-code/events.ts";
import { freshHome, type ClientHome } from "../claude-code/environment.ts";
import { installClient } from "../claude-code/install.ts";
import { type Answer, startUpstream } from "../upstream/index.ts";
import { type Finished, jsonLines, scratch, serac, startSerac } from "./serac.ts";

const BIN = resolve(import.meta.dirname, "../../bin/serac.ts");

let claude: string;
let home: ClientHome;
beforeAll(async () => {
  [claude] = (await installClient("2.1.329")) as [string];
  home = await freshHome();
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

const HEADLESS = ["--permission-mode", "bypassPermissions"];

/** A student that looks, edits, and is done. */
const EDITING: readonly Answer[] = [
  { thinking: "Where is it?", calls: [{ name: "bash", arguments: { command: "cat /testbed/a.py" } }] },
  {
    calls: [
      { name: "str_replace_editor", arguments: { command: "str_replace", path: "/testbed/a.py", old_str: "x = 1", new_str: "x = 2" } },
    ],
  },
  { content: "x is 2 now." },
];

/** Everything that a session may leave in the temporary folder. */
async function leftovers(): Promise<readonly string[]> {
  return (await readdir(home.env["TMPDIR"]!)).filter((name) => name.startsWith("serac-settings-"));
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 20));
}

/** A program in the client's place, for what the real one does not do on demand. */
async function standIn(folder: string, script: string): Promise<string> {
  const path = join(folder, "claude");
  await writeFile(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo "2.1.329 (Claude Code)"; exit 0; fi\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

describe("the real client", () => {
  const connect = (cwd: string, flags: readonly string[], args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
    serac(["connect", "--claude", claude, ...flags, "--", ...HEADLESS, ...args], { cwd, env: { ...home.env, ...env } });

  it("edits a file, and leaves a log without content and nothing else", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: EDITING });
    await writeFile(join(folder.path, "a.py"), "x = 1\n");
    const flags = ["--upstream", upstream.url, "--log", join(home.path, "gateway.log"), "--input-price", "1", "--output-price", "2"];
    const { code, stdout, stderr } = await connect(folder.path, flags, ["-p", "Set x to 2 in a.py"]);
    expect(code, stderr).toBe(0);
    expect(stdout.trim()).toBe("x is 2 now.");
    expect(await readFile(join(folder.path, "a.py"), "utf8")).toBe("x = 2\n");
    expect(stderr).toMatch(/^Claude Code 2\.1 on student, window 32,768 tokens, through http:\/\/127\.0\.0\.1:\d+\.$/m);
    expect(stderr).toMatch(/^\d+ requests, [\d,]+ tokens in \([\d,]+ cached\), \d+ out, \$0\.\d+\. Log: .*gateway\.log$/m);
    const log = await readFile(join(home.path, "gateway.log"), "utf8");
    expect(log).toMatch(/\/v1\/messages {2}student {2}200/);
    expect(log).not.toMatch(/Set x|a\.py|Bearer/);
    expect(await readdir(folder.path)).toEqual(["a.py"]);
    expect(await leftovers()).toEqual([]);
  });

  it("is not led elsewhere by settings of the person or the repository, nor by a proxy", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: EDITING });
    await using elsewhere = await startUpstream({ script: [{ content: "I am the wrong model." }] });
    await writeFile(join(folder.path, "a.py"), "x = 1\n");
    await mkdir(join(folder.path, ".claude"));
    const foreign = {
      ANTHROPIC_BASE_URL: elsewhere.url,
      ANTHROPIC_API_KEY: "sk-other",
      ANTHROPIC_MODEL: "opus",
      CLAUDE_CODE_USE_BEDROCK: "1",
    };
    await writeFile(
      join(folder.path, ".claude/settings.json"),
      JSON.stringify({ env: foreign, model: "opus", apiKeyHelper: "echo sk-helper" }),
    );
    const env = { HTTP_PROXY: elsewhere.url, HTTPS_PROXY: elsewhere.url, ...foreign };
    const { code, stdout, stderr } = await connect(folder.path, ["--upstream", upstream.url], ["-p", "Set x to 2 in a.py"], env);
    expect(code, stderr).toBe(0);
    expect(stdout.trim()).toBe("x is 2 now.");
    expect(elsewhere.received).toEqual([]);
  });

  it("works through a gateway that runs elsewhere, with its key", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: EDITING });
    await writeFile(join(folder.path, "a.py"), "x = 1\n");
    const env = { TEAM_KEY: "serac-a-key-that-is-long-enough" };
    const gateway = startSerac(["gateway", "--upstream", upstream.url, "--port", "0", "--key-env", "TEAM_KEY", "--json"], {
      cwd: folder.path,
      env,
    });
    const { url } = JSON.parse(await gateway.line((line) => line.includes('"listening"')));
    const refused = await connect(folder.path, ["--endpoint", url], ["-p", "hello"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("[upstream_auth]")]);
    const { code, stdout, stderr } = await connect(folder.path, ["--endpoint", url, "--key-env", "TEAM_KEY"], ["-p", "Set x to 2"], env);
    gateway.child.kill("SIGINT");
    expect(code, stderr).toBe(0);
    expect(stdout.trim()).toBe("x is 2 now.");
    expect((await gateway.finished).code).toBe(0);
    expect(stdout + stderr).not.toContain(env.TEAM_KEY);
  });

  it("compacts before the window is full, and goes on", async () => {
    await using folder = await scratch();
    const command = 'for line in $(seq 60); do echo "one more line of many, number $line"; done';
    await using upstream = await startUpstream({
      contextTokens: 16_384,
      script: (request, index) => {
        const isCompaction = request.chat?.body.tool_choice === "none";
        if (isCompaction) return { content: "<summary>We print lines, and go on with it.</summary>" };
        return index < 30 ? { content: "Next.", calls: [{ name: "bash", arguments: { command } }] } : { content: "That was all." };
      },
    });
    const flags = ["--output-format", "stream-json", "--verbose", "-p", "Print lines until I say stop"];
    const { code, stdout, stderr } = await connect(folder.path, ["--upstream", upstream.url], flags);
    expect(code, stderr).toBe(0);
    const events = jsonLines(stdout);
    expect(hasCompacted(events)).toBe(true);
    expect(resultsOf(events)).toMatchObject([{ is_error: false, result: "That was all." }]);
    // None was refused, and each could have been answered at some length.
    expect(stderr).toMatch(/^\d+ requests, /m);
    const room = upstream.chats.map(({ chat }) => 16_384 - chat!.promptTokens);
    expect(Math.min(...room)).toBeGreaterThan(1000);
  });

  it("ends when a gateway elsewhere is killed in the midst of it", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ fault: "hang" }] });
    const gateway = startSerac(["gateway", "--upstream", upstream.url, "--port", "0", "--json"], { cwd: folder.path });
    const { url } = JSON.parse(await gateway.line((line) => line.includes('"listening"')));
    const session = connect(folder.path, ["--endpoint", url], ["-p", "hello"], { CLAUDE_CODE_MAX_RETRIES: "1" });
    await until(() => upstream.chats.length > 0);
    gateway.child.kill("SIGKILL");
    const { code, stdout } = await session;
    expect([code, stdout]).toEqual([1, expect.stringContaining("API Error")]);
    expect(await leftovers()).toEqual([]);
  });

  it("ends with everything it started at Ctrl-C, while an answer is under way", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ fault: "hang" }] });
    // A group of its own, as a shell gives to a job, and Ctrl-C goes to the group.
    const args = [BIN, "connect", "--upstream", upstream.url, "--claude", claude, "--", ...HEADLESS, "-p", "hello"];
    const child = spawn(process.execPath, args, {
      cwd: folder.path,
      env: { ...process.env, ...home.env },
      stdio: "ignore",
      detached: true,
    });
    const closed = new Promise<void>((done) => child.once("close", () => done()));
    await until(() => upstream.chats.length > 0);
    process.kill(-child.pid!, "SIGINT");
    await closed;
    await until(() => !isAlive(-child.pid!));
    await upstream.idle();
    expect(await leftovers()).toEqual([]);
  });

  it("is ended by a SIGTERM that was meant for serac alone", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ fault: "hang" }] });
    const running = startSerac(["connect", "--upstream", upstream.url, "--claude", claude, "--", ...HEADLESS, "-p", "hello"], {
      cwd: folder.path,
      env: home.env,
    });
    await until(() => upstream.chats.length > 0);
    running.child.kill("SIGTERM");
    const { code, stderr } = await running.finished;
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Log: /);
    await upstream.idle();
    expect(await leftovers()).toEqual([]);
  });
});

describe("any client", () => {
  const connect = async (
    script: string,
    args: readonly string[] = [],
    flags: readonly string[] = [],
  ): Promise<Finished & { readonly cwd: string }> => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ content: "Yes." }] });
    const program = await standIn(folder.path, script);
    const finished = await serac(
      ["connect", "--upstream", upstream.url, "--claude", program, ...flags, ...(args.length > 0 ? ["--", ...args] : [])],
      {
        cwd: folder.path,
        env: home.env,
      },
    );
    return { ...finished, cwd: folder.path };
  };

  it("gets what stands behind -- as it stands, in the folder where it was called", async () => {
    const { stdout, cwd } = await connect('printf "%s\\n" "$PWD" "$@"', ["-p", "two words", "--", "--json", "", "$HOME"]);
    const [where, flag, settings, ...rest] = stdout.split("\n");
    expect([where, flag]).toEqual([cwd, "--settings"]);
    expect(settings).toContain("serac-settings-");
    expect(rest).toEqual(["-p", "two words", "--", "--json", "", "$HOME", ""]);
  });

  it("keeps its own --settings", async () => {
    const { stdout, stderr } = await connect('printf "%s\\n" "$@"', ["--settings", "mine.json"]);
    expect(stdout).toBe("--settings\nmine.json\n");
    expect(stderr).toContain("note: --settings is yours alone");
  });

  it("gives its exit code, also when it was killed", async () => {
    expect((await connect("exit 7")).code).toBe(7);
    expect((await connect("kill -9 $$")).code).toBe(128 + 9);
    expect((await connect("exit 0")).code).toBe(0);
  });

  it("finds a gateway that knows its key and nobody else's, gone when it is gone", async () => {
    const { stdout } = await connect(
      'echo "$ANTHROPIC_BASE_URL"\nfor key in "$ANTHROPIC_AUTH_TOKEN" other; do curl -s -o /dev/null -w "%{http_code}\\n" -H "x-api-key: $key" "$ANTHROPIC_BASE_URL/v1/models"; done',
    );
    const [url, right, wrong] = stdout.split("\n");
    expect([right, wrong]).toEqual(["200", "401"]);
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
  });

  it("is told the window of what it gets", async () => {
    const script = 'echo "$CLAUDE_CODE_MAX_CONTEXT_TOKENS $CLAUDE_CODE_MAX_OUTPUT_TOKENS $ANTHROPIC_MODEL"';
    expect((await connect(script)).stdout).toBe("45056 4096 student\n");
    expect((await connect(script, [], ["--context-tokens", "16384", "--max-output-tokens", "1500"])).stdout).toBe("28672 1500 student\n");
    expect((await connect(script, [], ["--served-name", "claude-parcels"])).stdout).toBe("45056 4096 serac-model\n");
  });
});

describe("on a terminal", () => {
  /** A session on a pseudo-terminal, and how the terminal is set behind it. */
  async function onTerminal(script: string, onText: (text: string, press: (key: string) => void) => void = () => {}) {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ content: "Yes." }] });
    const program = await standIn(folder.path, script);
    const command = `"${process.execPath}" "${BIN}" connect --upstream ${upstream.url} --claude "${program}"; echo "code $?"; stty -a`;
    // `script` asks SHELL to run it; dash would end with the client that is interrupted, before it tells the code.
    const env = { ...process.env, ...home.env, TERM: "xterm", SHELL: "/bin/bash" };
    const child = spawn("script", ["-qefc", command, "/dev/null"], { cwd: folder.path, env, stdio: ["pipe", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      onText(text, (key) => child.stdin.write(key));
    });
    await new Promise<void>((done) => child.once("close", () => done()));
    return text;
  }

  it("is as it was, whatever a client that was killed has done to it", async () => {
    const text = await onTerminal('stty raw -echo; printf "\\033[?25l\\033[?1049h"; kill -9 $$');
    expect(text).toContain("code 137");
    expect(text.slice(text.indexOf("code 137"))).toMatch(/[^-]icanon[\s\S]*[^-]echo\b/);
    expect(text.lastIndexOf("\u001B[?25h")).toBeGreaterThan(text.lastIndexOf("\u001B[?25l"));
    expect(text.lastIndexOf("\u001B[?1049l")).toBeGreaterThan(text.lastIndexOf("\u001B[?1049h"));
  });

  it("leaves Ctrl-C to the client", async () => {
    let pressed = false;
    const text = await onTerminal("trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done", (seen, press) => {
      if (pressed || !seen.includes("ready")) return;
      pressed = true;
      press("\u0003");
    });
    expect(text).toMatch(/caught\r\n[\s\S]*0 requests.*Log: [\s\S]*code 5/);
  });
});

describe("what is refused before anything is started", () => {
  const refusal = async (flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    await using folder = await scratch();
    const { code, stdout, stderr } = await serac(["connect", ...flags], { cwd: folder.path, env: { ...home.env, ...env } });
    expect({ code, stdout, left: await readdir(folder.path) }).toEqual({ code: 2, stdout: "", left: [] });
    return stderr;
  };

  it("no client", async () => {
    const message = await refusal(["--upstream", "http://127.0.0.1:9"], { PATH: "/nowhere" });
    expect(message).toMatch(/Claude Code is not installed.*\[client_missing\]\nhint: .*npm install -g @anthropic-ai\/claude-code/);
    expect(await refusal(["--upstream", "http://127.0.0.1:9", "--claude", "nope"])).toMatch(
      /--claude: .*nope is no program.*\[client_missing\]/,
    );
  });

  it("nowhere to go, two places to go, nobody there", async () => {
    expect(await refusal([])).toMatch(/either --endpoint.*or --upstream/);
    expect(await refusal(["--endpoint", "http://127.0.0.1:9", "--upstream", "http://127.0.0.1:9"])).toMatch(/either --endpoint/);
    expect(await refusal(["--endpoint", "http://127.0.0.1:9", "--claude", claude])).toMatch(/does not answer.*\[upstream_unreachable\]/);
    expect(await refusal(["--upstream", "http://127.0.0.1:9", "--claude", claude])).toMatch(/\[upstream_unreachable\]/);
    expect((await readdir(home.env["TMPDIR"]!)).filter((name) => name.startsWith("serac-settings-"))).toEqual([]);
  });
});
