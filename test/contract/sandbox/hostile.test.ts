import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { homedir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  WORKSPACE,
  type BaseSnapshot,
  type ExecOptions,
  type ExecResult,
  type Sandbox,
  type SandboxProvider,
} from "../../../core/agent/sandbox.ts";
import { createBubblewrapProvider, detectBubblewrap, type BubblewrapOptions } from "../../../drivers/bubblewrap/index.ts";
import { descendants, waitUntilGone } from "./processes.ts";
import { LIMITS, exampleBase } from "./sandbox-repository.ts";
import { text } from "./sandbox-suite.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

/**
 * What a hostile command tries. Each attempt is bounded by the test itself, so that a missing wall shows as a failure
 * and not as damage: canaries instead of real secrets, a few thousand processes, the disk's limit and a little more.
 */
const detection = await detectBubblewrap();
const VARIANTS: readonly [name: string, options: BubblewrapOptions][] = [
  ["bubblewrap", { mounts: [] }],
  ["bubblewrap with what an ordinary user has", { mounts: [], controlGroups: "none" }],
];
const MEGABYTE = 1_000_000;

describe.skipIf(!detection.available).each(VARIANTS)("hostile commands in %s", (_, providerOptions) => {
  const canary = `canary-${process.pid}-${Math.floor(performance.now())}`;
  let provider: SandboxProvider;
  let directory: string;
  let secretFolders: string[];
  let base: BaseSnapshot;
  let sandbox: Sandbox;

  beforeAll(async () => {
    directory = temporaryFolder();
    secretFolders = [mkdtempSync(path.join(homedir(), ".sandbox-hostile-")), temporaryFolder()];
    for (const folder of secretFolders) writeFileSync(path.join(folder, canary), `${canary}-content`);
    process.env["SANDBOX_HOSTILE_SECRET"] = `${canary}-variable`;
    provider = await createBubblewrapProvider(providerOptions);
    base = await exampleBase(provider, directory);
  });
  afterAll(async () => {
    await provider.close();
    delete process.env["SANDBOX_HOSTILE_SECRET"];
    for (const folder of [directory, ...secretFolders]) removeFolderSync(folder);
  });
  beforeEach(async () => {
    sandbox = await provider.open(base, { limits: LIMITS });
  });
  afterEach(async () => {
    const inside = descendants(process.pid);
    await sandbox.close();
    const left = await waitUntilGone(inside);
    if (left.length > 0) throw new Error(`left running after close: ${JSON.stringify(left)}`);
    for (const folder of secretFolders) {
      if (readFileSync(path.join(folder, canary), "utf8") !== `${canary}-content`) throw new Error(`${folder} was written to`);
    }
  });

  const run = async (command: string, options: Partial<ExecOptions> = {}): Promise<ExecResult> =>
    await sandbox.exec(command, { timeoutMs: 20_000, shell: "session", ...options });
  const said = async (command: string, options: Partial<ExecOptions> = {}): Promise<string> => text((await run(command, options)).output);
  const patchOf = async (): Promise<string> => text(await sandbox.diff(MEGABYTE));
  async function expectUsable(): Promise<void> {
    expect(await said("cd /testbed; echo usable; cat README.md")).toBe("usable\n# Example\n");
    expect(text(await sandbox.readFile(`${WORKSPACE}/README.md`, MEGABYTE))).toBe("# Example\n");
    await run("echo changed >>src/app.py");
    expect(await patchOf()).toContain("+changed");
    expect(await sandbox.checkpoint(MEGABYTE)).not.toBeNull();
  }

  test("the host's files and home cannot be seen", async () => {
    for (const folder of secretFolders) {
      const found = await said(
        `ls ${folder} 2>&1; cat ${folder}/${canary} 2>&1; cat /proc/1/root${folder}/${canary} 2>&1; cat /proc/*/cwd/${folder}/${canary} 2>&1`,
      );
      expect(found).not.toContain(`${canary}-content`);
    }
    expect(await said(`find / -name '${canary}' -not -path '/proc/*' 2>/dev/null`)).toBe("");
    expect(await said("ls -A /root /home /mnt /media /srv /work /boot /sys 2>/dev/null | grep -v ':$' | grep .")).toBe("agent\n");
    expect(await said("cat /etc/shadow /etc/ssh/* /etc/gshadow 2>/dev/null; ls /base /w /g /agent 2>/dev/null")).toBe("");
    expect(await said("cut -d: -f1 /etc/passwd")).toBe("root\nagent\nnobody\n");
  });

  test("the host's environment cannot be seen", async () => {
    expect(await said("env; cat /proc/*/environ | tr '\\0' '\\n'; cat /proc/*/cmdline | tr '\\0' ' '")).not.toContain(canary);
  });

  test("there is no network: not to loopback, not to named or abstract sockets", async () => {
    let connections = 0;
    const count = (): void => void connections++;
    const listen = (at: { port: number; host: string } | { path: string }): Promise<Server> =>
      new Promise((resolve) => {
        const server = createServer((socket) => {
          count();
          socket.on("error", () => {});
          socket.end("hello");
        }).listen(at, () => resolve(server));
      });
    const abstract = `\0${canary}`;
    const named = path.join(secretFolders[1]!, "socket");
    const servers = [await listen({ port: 0, host: "127.0.0.1" }), await listen({ path: abstract }), await listen({ path: named })];
    const address = servers[0]!.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const attempt = [
      `(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo tcp`,
      ...[`"\\0${canary}"`, `"${named}"`].map(
        (name) => `perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,pack_sockaddr_un(${name})) and print "unix\\n"'`,
      ),
    ].join("\n");
    expect(await said(attempt)).toBe("");
    expect(connections).toBe(0);
    expect(await said("cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '; cat /proc/net/unix | tail -n +2")).toBe("lo\n");
    // The same attempt outside does connect, so it would have shown a missing wall.
    const outside = spawn("bash", ["-c", attempt], { stdio: ["ignore", "pipe", "ignore"] });
    let heard = "";
    for await (const bytes of outside.stdout) heard += String(bytes);
    expect(heard).toBe("tcp\nunix\nunix\n");
    await expect.poll(() => connections).toBe(3);
    for (const server of servers) server.close();
  });

  test("thousands of processes fail the command and nothing else", async () => {
    const forks = "perl -e 'for (1..3000) { my $p = fork; last unless defined $p; unless ($p) { sleep 1000; exit } $n++ } print $n'";
    const made = Number(await said(forks));
    expect(made).toBeGreaterThan(16);
    expect(made).toBeLessThanOrEqual(LIMITS.processes + 330);
    expect(await sandbox.checkpoint(MEGABYTE)).toBeNull();
    await expectUsable();
    const tree = await run("perl -e 'for (1..12) { fork } sleep 1000'", { timeoutMs: 3_000 });
    expect(tree.outcome).toBe("timeout");
    await expectUsable();
  });

  test("a full disk fails the command; changes can still be read", async () => {
    for (const place of ["/testbed", "/tmp", "/dev/shm", "/home/agent", "/var/tmp"]) {
      const written = Number(
        await said(
          `for i in 1 2 3 4 5 6 7 8; do head -c 16M /dev/zero >${place}/fill$i.log; done 2>/dev/null; cat ${place}/fill*.log | wc -c; cd /testbed`,
        ),
      );
      expect(written, place).toBeGreaterThan(MEGABYTE);
      expect(written, place).toBeLessThanOrEqual(LIMITS.diskMb * 1_048_576);
      expect(await patchOf()).toBe("");
      expect(await sandbox.writeFile(`${WORKSPACE}/new.txt`, Buffer.alloc(MEGABYTE))).toMatch(/space/);
      await run(`rm -f ${place}/fill*.log /testbed/new.txt`);
    }
    expect(await said("for i in / /run /dev /etc /usr /var /opt /root /proc /sys; do touch $i/x && echo $i; done 2>/dev/null")).toBe("");
    expect((await run("head -c 40M /dev/zero >one-file.log")).exitCode).not.toBe(0);
    await run("rm -f *.log");
    await expectUsable();
  });

  test("many small files run into a limit", async () => {
    const made = Number(await said("perl -e 'for (1..60000) { open my $f, q(>), qq(/tmp/f$_) or last; $n++ } print $n'"));
    expect(made).toBeLessThan(60_000);
    await run("rm -rf /tmp/f*");
    await expectUsable();
  });

  test("memory beyond the limit ends the command and nothing else", async () => {
    const hog = await run(
      `perl -e 'for (1..${LIMITS.memoryMb + 512}) { push @x, "x" x 1048576; select undef, undef, undef, 0.002 } print "got it all"'`,
      { timeoutMs: 40_000 },
    );
    expect(text(hog.output)).not.toContain("got it all");
    await expectUsable();
  });

  test("processes outside cannot be seen or killed", async () => {
    const outside = spawn("sleep", ["1000"], { stdio: "ignore" });
    await run(`kill -9 ${outside.pid} ${process.pid}; kill -9 -${outside.pid}; pkill -9 sleep; pkill -9 node`);
    await run("kill -9 -1");
    await run(":");
    await run("for i in $(seq 2 400); do kill -9 $i; done 2>/dev/null");
    await run(":");
    expect(outside.exitCode).toBeNull();
    expect(outside.signalCode).toBeNull();
    await expectUsable();
    expect(Number(await said("ls -d /proc/[0-9]* | wc -l"))).toBeLessThan(12);
    outside.kill("SIGKILL");
  });

  test("the system cannot be written to, and no rights can be gained", async () => {
    const pattern = readFileSync("/proc/sys/kernel/core_pattern", "utf8").trim();
    const attempts = [
      "touch /usr/bin/x /etc/x /bin/x /lib/x",
      `echo '${pattern}' >/proc/sys/kernel/core_pattern`,
      "echo 1000 >/proc/sys/kernel/pid_max",
      "echo 1 >/proc/sys/vm/drop_caches",
      "echo h >/proc/sysrq-trigger",
      "mount -t tmpfs tmpfs /tmp",
      "mount -o remount,rw /usr",
      "umount /testbed",
      "unshare -U true",
      "unshare -Ur mount -t proc proc /tmp",
      "mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk",
      "chroot / true",
      "dmesg",
      "nsenter -t 1 -m true",
      "hostname other",
      "date -s 2000-01-01",
      "chown root /testbed/README.md",
      "renice -n -5 $$",
    ];
    for (const attempt of attempts) {
      const { exitCode } = await run(`{ ${attempt}; } 2>/dev/null >&2`, { shell: "fresh" });
      expect(exitCode, attempt).not.toBe(0);
    }
    expect(
      await said(
        "grep -E '^Cap(Prm|Eff|Bnd|Amb)' /proc/self/status | grep -v 0000000000000000; grep NoNewPrivs /proc/self/status | tr -d '\\t'",
      ),
    ).toBe("NoNewPrivs:1\n");
    expect(await said("cp /usr/bin/id /tmp/id && chmod 4755 /tmp/id && /tmp/id -u")).toBe("1000\n");
    await expectUsable();
  });

  test("links lead nowhere outside, whoever follows them", async () => {
    const secret = path.join(secretFolders[0]!, canary);
    await run(
      `ln -s ${secret} to-file; ln -s ${secretFolders[0]} to-folder; ln -s / to-root; ln -s /proc/1/root to-proc; ln -s /proc/self/fd to-fd; ln -s loop-b loop-a; ln -s loop-a loop-b`,
    );
    for (const name of ["to-file", `to-folder/${canary}`, `to-root${secret}`, `to-proc${secret}`, "loop-a", "../../../..".concat(secret)]) {
      expect(await sandbox.readFile(`${WORKSPACE}/${name}`, MEGABYTE), name).toBeNull();
      expect(await sandbox.stat(`${WORKSPACE}/${name}`), name).toBeNull();
      expect(await sandbox.writeFile(`${WORKSPACE}/${name}`, Buffer.from("overwritten")), name).toEqual(expect.any(String));
    }
    expect(await sandbox.list(`${WORKSPACE}/to-folder`, 2, 100)).toEqual([]);
    expect(JSON.stringify(await sandbox.list(`${WORKSPACE}/to-root`, 2, 100_000))).not.toContain(canary);
    expect(await sandbox.writeFile(`${WORKSPACE}/to-root/usr/bin/x`, Buffer.from("x"))).toEqual(expect.any(String));
    await run("mkfifo pipe; ln -s /dev/zero endless; ln -s /proc/kmsg kernel");
    expect(await sandbox.readFile(`${WORKSPACE}/pipe`, 1000)).toBeNull();
    expect(await sandbox.readFile(`${WORKSPACE}/endless`, 1000)).toBeNull();
    expect(await sandbox.writeFile(`${WORKSPACE}/pipe`, Buffer.from("x"))).toEqual(expect.any(String));
    const patch = await patchOf();
    expect(patch).not.toContain(`${canary}-content`);
    expect(patch).toContain("new file mode 120000");
    await run("rm -rf to-* loop-* pipe endless kernel");
    await expectUsable();
  });

  test("daemons end with the sandbox", async () => {
    await run(
      "(setsid sh -c 'trap \"\" TERM HUP INT QUIT; sleep 1000; sleep 1000' &); nohup sleep 1001 >/dev/null 2>&1 & disown; perl -e 'fork and exit; setpgrp; fork and exit; sleep 1002'",
    );
    const daemons = () => descendants(process.pid).filter(({ name }) => name === "sleep" || name === "perl");
    await expect.poll(() => daemons().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
    // afterEach closes the sandbox and looks for whatever is left.
  });

  test("a repository made hostile runs nothing when changes are read, and hides nothing", async () => {
    const evil = "touch /testbed/pwned; touch /tmp/pwned; echo pwned";
    await run(
      [
        `printf '#!/bin/sh\\n%s\\ncat\\n' '${evil}' >/testbed/evil.sh; chmod +x evil.sh`,
        "for key in core.fsmonitor core.hooksPath core.pager core.editor core.sshCommand diff.external diff.evil.textconv diff.evil.command filter.evil.clean filter.evil.smudge filter.evil.process core.gitProxy uploadpack.packObjectsHook; do git config $key /testbed/evil.sh; done",
        "git config filter.evil.required true; git config core.attributesFile /testbed/attributes; git config core.worktree /tmp; git config core.excludesFile /testbed/all; echo '*' >all; echo '*' >.git/info/exclude",
        "printf '* filter=evil diff=evil text eol=crlf ident working-tree-encoding=UTF-16\\n*.py -diff\\n' >.gitattributes; cp .gitattributes attributes; cp .gitattributes .git/info/attributes",
        "for hook in pre-commit post-index-change post-checkout pre-applypatch applypatch-msg fsmonitor-watchman; do cp evil.sh .git/hooks/$hook; done",
        "git update-index --assume-unchanged src/app.py; git update-index --skip-worktree README.md",
        "echo hidden >>src/app.py; echo hidden >>README.md; printf '$Id$\\n' >ident.txt",
        "echo /tmp/objects >.git/objects/info/alternates; git init -q nested; cp evil.sh nested/.git/hooks/post-index-change; git -C nested config core.fsmonitor /testbed/evil.sh; echo inner >nested/file.txt",
        "printf '[submodule \"x\"]\\n\\tpath = nested\\n\\turl = ext::/testbed/evil.sh\\n\\tupdate = !/testbed/evil.sh\\n' >.gitmodules",
        "rm -f pwned /tmp/pwned",
      ].join("\n"),
    );
    const patch = await patchOf();
    const checkpoint = await sandbox.checkpoint(MEGABYTE);
    expect(await said("ls pwned /tmp/pwned 2>/dev/null")).toBe("");
    expect(patch.match(/^\+hidden$/gm)).toHaveLength(2);
    expect(patch).toContain("+$Id$\n");
    expect(patch).toContain("+++ b/nested/file.txt\n");
    expect(patch).not.toMatch(/^\+.*\r$/m);
    const again = await provider.open(base, { limits: LIMITS, checkpoint: checkpoint! });
    expect(text(await again.diff(MEGABYTE))).toBe(patch);
    expect(
      text(
        (await again.exec("ls pwned /tmp/pwned 2>/dev/null; cat src/app.py nested/file.txt", { timeoutMs: 10_000, shell: "session" }))
          .output,
      ),
    ).toContain("hidden\ninner\n");
    await again.close();
    for (const replacement of [
      "rm -rf .git",
      "rm -rf .git; echo 'gitdir: /tmp/elsewhere' >.git",
      "rm -rf .git; ln -s / .git",
      "rm -rf .git; mkfifo .git",
    ]) {
      await run(replacement);
      expect(await patchOf(), replacement).toBe(patch);
    }
  });

  test("the end of a command cannot be forged to any use", async () => {
    const scribble =
      "for fd in /proc/$$/fd/* /proc/*/fd/*; do [ -p $fd ] && printf 'x\\0000\\0/\\0\\0' >$fd & done 2>/dev/null; sleep 0.3; kill $(jobs -p) 2>/dev/null; echo end";
    await run(scribble, { timeoutMs: 3_000 });
    await run(":", { timeoutMs: 3_000 });
    await run("exec true");
    await expectUsable();
    // Reads the line that asks for the report, name and all, and answers in advance; then goes on.
    const forge =
      "line=$(timeout 1 head -c 400 /proc/$$/fd/255); nonce=$(grep -oE '[0-9a-f]{32}' <<<\"$line\" | head -n 1); printf '%s\\0%s\\0%s\\0\\0' \"$nonce\" 42 /forged >&99; sleep 2";
    const forged = await run(forge, { timeoutMs: 10_000 });
    expect(["exited", "timeout"]).toContain(forged.outcome);
    await run("exec true", { timeoutMs: 5_000 });
    await run("cd /testbed", { timeoutMs: 5_000 });
    await expectUsable();
  });

  test("shells that are stopped or starved are replaced", async () => {
    await run("kill -STOP -1", { timeoutMs: 1_000 });
    expect(text(await sandbox.readFile(`${WORKSPACE}/README.md`, MEGABYTE))).toBe("# Example\n");
    await run(":", { timeoutMs: 1_000 });
    await expectUsable();
  });
});

test("the tools that the attempts need are here", () => {
  for (const program of ["perl", "setsid", "pgrep", "timeout"])
    expect(spawnSync("sh", ["-c", `command -v ${program}`]).status, program).toBe(0);
});
