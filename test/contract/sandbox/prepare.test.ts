import { existsSync, mkdtempSync, readdirSync, writeFileSync, mkdirSync, chmodSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { homedir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WORKSPACE, type BaseSnapshot, type PrepareRequest, type Sandbox, type SandboxProvider } from "../../../core/agent/sandbox.ts";
import { InputError, SandboxError } from "../../../core/errors/index.ts";
import { createBubblewrapProvider, detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { memoryRepository } from "./memory-repository.ts";
import { descendants, waitUntilGone } from "./processes.ts";
import { LIMITS, repository } from "./sandbox-repository.ts";
import { text } from "./sandbox-suite.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

const detection = await detectBubblewrap();

describe.skipIf(!detection.available)("the base snapshot of bubblewrap", () => {
  let provider: SandboxProvider;
  let directory: string;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    provider = await createBubblewrapProvider({ mounts: [] });
    server = createServer((_, response) => response.end("from the network\n"));
    port = await new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  });
  afterAll(async () => {
    server.close();
    await provider.close();
  });
  beforeEach(() => {
    directory = temporaryFolder();
  });
  afterEach(() => {
    removeFolderSync(directory);
  });

  const prepare = (install: readonly string[], more: Partial<PrepareRequest> = {}): Promise<BaseSnapshot> =>
    provider.prepare({
      source: repository(),
      directory: path.join(directory, "base"),
      install,
      timeoutMs: 60_000,
      limits: LIMITS,
      ...more,
    });

  async function inside<T>(
    base: BaseSnapshot,
    work: (said: (command: string) => Promise<string>, sandbox: Sandbox) => Promise<T>,
  ): Promise<T> {
    const sandbox = await provider.open(base, { limits: LIMITS });
    try {
      return await work(async (command) => text((await sandbox.exec(command, { timeoutMs: 20_000, shell: "session" })).output), sandbox);
    } finally {
      await sandbox.close();
    }
  }

  test("is the tree with one commit, the same for the same tree", async () => {
    const base = await prepare([]);
    const other = await provider.prepare({
      source: repository(),
      directory: path.join(directory, "other"),
      install: [],
      timeoutMs: 60_000,
      limits: LIMITS,
    });
    expect(other.baseCommit).toBe(base.baseCommit);
    await inside(base, async (said) => {
      expect(await said("git status --porcelain; git rev-parse HEAD; git rev-list --count --all; git remote; git fsck 2>&1")).toBe(
        `${base.baseCommit}\n1\n`,
      );
      expect(await said("ls -l run.sh | cut -c1-10; readlink link-to-readme; stat -c %s pixel.bin latin1.txt crlf.txt")).toBe(
        "-rwxr-xr-x\nREADME.md\n8\n5\n10\n",
      );
    });
  });

  test("gives the agent a git of its own that really works", async () => {
    await inside(await prepare([]), async (said, sandbox) => {
      await said("echo changed >>src/app.py; echo new >new.txt");
      expect(await said("git diff | tail -n 1; git status --short")).toBe("+changed\n M src/app.py\n?? new.txt\n");
      expect(await said("git checkout -q -- src/app.py; git status --short")).toBe("?? new.txt\n");
      expect(await said("echo again >>src/app.py; git stash -q; git status --short; git stash pop -q; git status --short")).toBe(
        "?? new.txt\n M src/app.py\n?? new.txt\n",
      );
      await said("git add -A; git commit -qm work");
      expect(await said("git status --short; git log --oneline | wc -l")).toBe("2\n");
      // A commit of the agent's own hides nothing.
      expect(text(await sandbox.diff(100_000))).toContain("+again");
    });
  });

  test("holds tracked files that the repository's own rules ignore, and leaves out what cannot be kept", async () => {
    const source = memoryRepository({
      ".gitignore": "*.log\n",
      "kept.log": "tracked although ignored\n",
      sub: { content: "", kind: "submodule" },
      locked: { content: "", kind: "unreadable" },
      ".git/config": "[core]\n\thooksPath = /evil\n",
      "nested/.git/HEAD": "ref: x\n",
      "nested/a.txt": "a\n",
      up: { content: "../../../etc", kind: "symlink" },
    });
    await inside(await prepare([], { source }), async (said, sandbox) => {
      expect(await said("git status --short; git ls-files")).toBe(".gitignore\nkept.log\nnested/a.txt\nup\n");
      await said("echo more >>kept.log");
      expect(text(await sandbox.diff(100_000))).toContain("+more");
    });
  });

  test("refuses paths that lead out of the tree", async () => {
    for (const name of ["../outside", "a/../../outside", "/absolute", "a//b", "./a", "nul\0byte"]) {
      await expect(prepare([], { source: memoryRepository({ [name]: "x" }) }), name).rejects.toThrow(InputError);
    }
    const through = memoryRepository({ link: { content: directory, kind: "symlink" }, "link/planted": "x" });
    await expect(prepare([], { source: through })).rejects.toThrow(InputError);
    expect(readdirSync(directory).filter((name) => name !== "base")).toEqual([]);
  });

  test("holds what `install` makes: ignored files, the home folder, system folders; with the network, once", async () => {
    const base = await prepare([
      `exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; mkdir build; tail -n 1 <&3 >build/fetched`,
      "mkdir -p venv/bin && echo 'echo tool' >venv/bin/tool && echo changed >>README.md && touch 'odd [name]*' && rm crlf.txt",
      "mkdir -p ~/.local/bin && printf '#!/bin/sh\\necho local tool\\n' >~/.local/bin/local-tool && chmod +x ~/.local/bin/local-tool",
      "printf '#!/bin/sh\\necho system tool\\n' >/usr/local/bin/system-tool && chmod +x /usr/local/bin/system-tool && echo conf >/etc/tool.conf && echo opt >/opt/tool && echo state >/var/lib/tool",
      "git rev-parse HEAD >build/commit; git status --short >build/status",
    ]);
    await inside(base, async (said, sandbox) => {
      expect(await said("cat build/fetched venv/bin/tool /etc/tool.conf /opt/tool /var/lib/tool; local-tool; system-tool")).toBe(
        "from the network\necho tool\nconf\nopt\nstate\nlocal tool\nsystem tool\n",
      );
      expect(await said("git status --short; tail -n 1 README.md; ls crlf.txt 2>/dev/null; git rev-list --count --all")).toBe(
        "changed\n1\n",
      );
      expect(text(await sandbox.diff(100_000))).toBe("");
      expect(
        await said(`(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null || echo no network; cat /etc/resolv.conf; ls /etc/apt 2>/dev/null`),
      ).toBe("no network\n");
      expect(
        await said("touch /usr/local/bin/x /etc/x /opt/x /var/x 2>/dev/null || echo read-only; touch ~/mine build/mine && echo writable"),
      ).toBe("read-only\nwritable\n");
    });
    await inside(base, async (said) => {
      expect(await said("ls ~/mine build/mine 2>/dev/null")).toBe("");
    });
    expect(existsSync("/usr/local/bin/system-tool")).toBe(false);
  });

  test("runs commands in order, tells their output, and stops at the first that fails", async () => {
    let heard = "";
    const failing = prepare(["echo first", "echo second >&2; exit 4", "echo third"], { onOutput: (part) => (heard += part) });
    await expect(failing).rejects.toMatchObject({
      code: "sandbox_install_failed",
      message: expect.stringMatching(/`echo second >&2; exit 4` ended with exit code 4.*second/s),
      hint: expect.any(String),
    });
    expect(heard).toBe("first\nsecond\n");
    expect(readdirSync(path.join(directory, "base"))).toEqual([]);
    await expect(prepare(["pip-of-another-world install x"])).rejects.toMatchObject({
      hint: expect.stringContaining("environment.mounts"),
    });
    await inside(await prepare([]), async (said) => expect(await said("cat README.md")).toBe("# Example\n"));
  });

  test("gives up after the time limit, with everything that install started", async () => {
    const slow = prepare(["echo waiting; setsid sleep 1000 & sleep 1000"], { timeoutMs: 1_500 });
    await expect(slow).rejects.toMatchObject({
      code: "sandbox_install_failed",
      message: expect.stringMatching(/did not end within 2 s.*waiting/s),
    });
    expect(await waitUntilGone(descendants(process.pid).filter(({ name }) => name === "sleep"))).toEqual([]);
  });

  test("can be cancelled", async () => {
    const controller = new AbortController();
    const running = prepare(["sleep 1000"], { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("cancelled by the test")), 300);
    await expect(running).rejects.toThrow("cancelled by the test");
    expect(await waitUntilGone(descendants(process.pid).filter(({ name }) => name === "sleep"))).toEqual([]);
  });

  test("install cannot reach the host's files, nor lead our own steps out by links", async () => {
    const outside = path.join(directory, "outside");
    writeFileSync(outside, "untouched");
    const base = await prepare([
      `cat ${outside} && exit 1; rm -rf /etc/resolv.conf && ln -s ${outside} /etc/resolv.conf; rm -rf .git && ln -s ${directory} .git; ln -sf ${outside} README.md; true`,
      "mkdir -m 000 shut && mkdir -p ro/x && chmod 555 ro",
    ]);
    await inside(base, async (said) => {
      expect(await said("readlink README.md; git rev-list --count --all; cat /etc/resolv.conf")).toBe(`${outside}\n1\n`);
    });
  });

  test("what a killed preparation left is removed by the next one", async () => {
    const partial = path.join(directory, "base", "partial");
    mkdirSync(path.join(partial, "tree", "shut"), { recursive: true });
    writeFileSync(path.join(partial, "tree", "shut", "file"), "old");
    chmodSync(path.join(partial, "tree", "shut"), 0o000);
    await inside(await prepare([]), async (said) => expect(await said("ls")).not.toContain("shut"));
    expect(readdirSync(path.join(directory, "base"))).toEqual(["base"]);
  });

  test("a damaged one is an error that says so", async () => {
    const base = await prepare([]);
    writeFileSync(path.join(base.directory, "base", "base.json"), "{}");
    await expect(prepare([])).rejects.toThrow(SandboxError);
    await expect(provider.open(base, { limits: LIMITS })).rejects.toThrow(SandboxError);
    await expect(provider.open({ ...base, directory: path.join(directory, "absent") }, { limits: LIMITS })).rejects.toThrow(SandboxError);
  });

  test("mounts show a host folder read-only at its own path, and bad ones are refused", async () => {
    // Toolchains usually lie in a home folder; the temporary folder is the sandbox's own.
    const home = mkdtempSync(path.join(homedir(), ".sandbox-prepare-"));
    const toolchain = path.join(home, "toolchain");
    mkdirSync(path.join(toolchain, "bin"), { recursive: true });
    writeFileSync(path.join(toolchain, "bin", "my-tool"), "#!/bin/sh\necho my tool\n", { mode: 0o755 });
    const mounted = await createBubblewrapProvider({
      mounts: [toolchain],
      hostPath: `/nonexistent:${toolchain}/bin:${home}:relative:/usr/bin`,
    });
    try {
      const base = await mounted.prepare({
        source: repository(),
        directory: path.join(directory, "base"),
        install: ["my-tool"],
        timeoutMs: 60_000,
        limits: LIMITS,
      });
      const sandbox = await mounted.open(base, { limits: LIMITS });
      const result = await sandbox.exec(`my-tool; touch ${toolchain}/x 2>/dev/null || echo read-only; echo $PATH; ls -A ${home}`, {
        timeoutMs: 10_000,
        shell: "session",
      });
      const [tool, refused, searchPath, ...rest] = text(result.output).split("\n");
      expect([tool, refused]).toEqual(["my tool", "read-only"]);
      expect(searchPath!.split(":")).toContain(`${toolchain}/bin`);
      expect(searchPath!.split(":")).not.toContain(home);
      expect(rest).toEqual(["toolchain", ""]);
      await sandbox.close();
    } finally {
      await mounted.close();
    }
    for (const bad of [
      "relative",
      "/nonexistent/folder",
      "/",
      "/proc",
      "/testbed",
      "/tmp",
      "/etc/ssl",
      path.join(toolchain, "bin", "my-tool"),
    ]) {
      await expect(createBubblewrapProvider({ mounts: [bad] }), bad).rejects.toThrow(InputError);
    }
    removeFolderSync(home);
  });

  test("is named by the workspace's own paths only", async () => {
    await inside(await prepare([]), async (said, sandbox) => {
      expect(await said("df; env; git config -l --show-origin; ps axww")).not.toContain(directory);
      expect((await sandbox.list(WORKSPACE, 1, 100)).every((entry) => entry.path.startsWith(`${WORKSPACE}/`))).toBe(true);
    });
  });
});
