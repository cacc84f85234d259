import { afterAll, beforeAll, expect, test } from "vitest";
import type { BaseSnapshot } from "../../../core/agent/sandbox.ts";
import { InputError, SandboxError } from "../../../core/errors/index.ts";
import { LIMITS, newBench, sh } from "./workspace.ts";
import type { Bench } from "./workspace.ts";

let bench: Bench;
let base: BaseSnapshot;

beforeAll(async () => {
  bench = await newBench({ threads: 2 });
  base = await bench.prepare({
    "src/a.py": "def f():\n    return 1\n",
    "src/b.py": "x = 1\n",
    "run.sh": { run: "#!/bin/sh\n" },
    link: { link: "src/a.py" },
    outside: { link: "/etc/shadow" },
    loop: { link: "loop" },
    ".gitignore": "*.log\n",
    module: { submodule: true },
  });
});
afterAll(() => bench.close());

test("directory and variables last from command to command, and only in their own workspace", async () => {
  const one = await bench.open(base);
  const two = await bench.open(base);
  await sh(one, "cd src; export A='1 2'; B=3");
  expect((await sh(one, 'pwd; echo "$A" $B')).text).toBe("/testbed/src\n1 2 3\n");
  expect((await sh(two, 'pwd; echo "$A" $B')).text).toBe("/testbed\n\n");
});

test("a fresh shell starts at /testbed without the session's variables and leaves the session alone", async () => {
  const sandbox = await bench.open(base);
  await sh(sandbox, "cd src; export A=1");
  const fresh = await sandbox.exec("pwd; echo [$A]; cd /tmp; export A=2; echo x > made", { timeoutMs: 5000, shell: "fresh" });
  expect(Buffer.from(fresh.output).toString()).toBe("/testbed\n[]\n");
  expect((await sh(sandbox, "pwd; echo $A; cat /tmp/made")).text).toBe("/testbed/src\n1\nx\n");
});

test("output and errors come in the order written", async () => {
  const sandbox = await bench.open(base);
  const { text } = await sh(sandbox, "echo a; ls /nope; if true; then echo b; ls /no; echo c; fi; (echo d >&2; echo e)");
  expect(text).toBe("a\nls: /nope: No such file or directory\nb\nls: /no: No such file or directory\nc\nd\ne\n");
});

test.each([
  ["exit 3", 3],
  ["set -e; false; echo no", 1],
])("`%s` does not end the session", async (command, status) => {
  const sandbox = await bench.open(base);
  await sh(sandbox, "cd src; export A=1");
  const result = await sh(sandbox, command);
  expect(result).toMatchObject({ outcome: "exited", exitCode: status, text: "" });
  expect(result.restarted).toMatch(/ended/);
  expect((await sh(sandbox, "pwd; echo $A")).text).toBe("/testbed/src\n1\n");
});

test("comments, here-documents, continued lines and leading blanks run as written", async () => {
  const sandbox = await bench.open(base);
  const { text, restarted, exitCode } = await sh(sandbox, "# note\ncat <<'END'\n  two $x\n\tthree\nEND\necho one \\\n  more \\");
  expect(text).toBe("  two $x\n\tthree\none more\n");
  expect({ restarted, exitCode }).toEqual({ restarted: null, exitCode: 0 });
});

test("syntax is judged without running anything", async () => {
  const sandbox = await bench.open(base);
  expect(await sandbox.checkSyntax("echo 'x")).toMatch(/unexpected EOF/);
  expect(await sandbox.checkSyntax("for i in 1 2; do echo $i; done > made")).toBeNull();
  expect(await sandbox.stat("/testbed/made")).toBeNull();
});

test("a loop that sleeps meets the time limit without waiting for it, and what it printed is kept", async () => {
  const sandbox = await bench.open(base);
  const result = await sh(sandbox, "echo start; echo x > kept; while true; do sleep 10; done", 300_000);
  expect(result).toMatchObject({ outcome: "timeout", exitCode: null, text: "start\n" });
  expect(result.durationMs).toBeGreaterThanOrEqual(300_000);
  expect((await sh(sandbox, "cat kept")).text).toBe("x\n");
});

test("a command that never yields is ended and the workspace lives on", async () => {
  const sandbox = await bench.open(base);
  await sh(sandbox, "echo before > kept");
  const result = await sh(sandbox, "echo first; sed ':a;s/^/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&&/;ta' <<< x | wc -c", 20);
  expect(result).toMatchObject({ outcome: "timeout", exitCode: null, text: "first\n" });
  expect(result.restarted).toMatch(/lost/);
  expect((await sh(sandbox, "cat kept")).text).toBe("before\n");
});

test("an aborted command rejects with the signal's reason and changes nothing", async () => {
  const sandbox = await bench.open(base);
  const stop = new AbortController();
  const running = sandbox.exec("echo x > made; i=0; while [ $i -lt 99999 ]; do i=$((i+1)); done", {
    timeoutMs: 60_000,
    shell: "session",
    signal: stop.signal,
  });
  setImmediate(() => stop.abort(new Error("enough")));
  await expect(running).rejects.toThrow("enough");
  expect(await sandbox.stat("/testbed/made")).toBeNull();
});

test("ten megabytes of output are cut and counted", async () => {
  const sandbox = await bench.open(base);
  const result = await sh(sandbox, "printf '%0100000d' 0 > line; for i in $(seq 100); do cat line; done");
  expect(result.output.length).toBe(1_000_000);
  expect(result.omittedBytes).toBe(9_000_000);
});

test("output without end is stopped", async () => {
  const sandbox = await bench.open(base);
  const result = await sh(sandbox, "printf '%0100000d' 0 > line; while true; do cat line line line line line line; done", 60_000);
  expect(result.outcome).toBe("output_limit");
});

test("the disk limit is an error of the command, and survives it", async () => {
  const sandbox = await bench.open(base);
  const result = await sh(
    sandbox,
    "printf '%0100000d' 0 > line; i=0; while cat line line line line line line line line line line > /tmp/big$i; do i=$((i+1)); done; echo $i",
  );
  expect(result.text).toMatch(/no space left/i);
  expect((await sh(sandbox, "rm /tmp/big*; echo ok > f; cat f")).text).toBe("ok\n");
});

test.each([
  ["a string that doubles", "x=aaaaaaaaaaaaaaaa; for i in $(seq 40); do x=$x$x; done; echo ${#x}"],
  ["a recursion", "f() { f | f; }; f"],
  ["a wide number", "printf '%0999999999d' 1"],
  ["a brace expansion", "echo {1..9}{1..9}{1..9}{1..9}{1..9}{1..9}{1..9}"],
  ["an endless loop", "while true; do :; done"],
])("%s ends the command, not the process", { timeout: 120_000 }, async (_, command) => {
  const sandbox = await bench.open(base);
  expect(await sh(sandbox, command, 100_000)).toMatchObject({ outcome: "exited", exitCode: 126 });
  expect((await sh(sandbox, "cat src/b.py")).text).toBe("x = 1\n");
});

test("substitutions, pipes and functions keep their output until it is printed", async () => {
  const sandbox = await bench.open(base);
  const { text } = await sh(
    sandbox,
    'x=$(seq 3 | wc -l); f() { echo in; ls /no; }; y="$(f 2>/dev/null)"; echo "$x $y"; seq 5 | while read n; do echo "<$n>"; done | tail -1; for i in a b; do echo $i; done > f; cat f; { echo g; } | cat',
  );
  expect(text).toBe("3 in\n<5>\na\nb\ng\n");
});

test("nothing of the host is visible", async () => {
  const sandbox = await bench.open(base);
  process.env["SERAC_TEST_SECRET"] = "hunter2";
  const { text } = await sh(
    sandbox,
    "env; cat /etc/hostname /proc/self/environ /etc/shadow outside ../../etc/shadow; ls -a / /testbed/.. /home; cat loop; python3 -c 1; node -e 1; curl x",
  );
  expect(text).not.toContain("hunter2");
  expect(text).not.toMatch(/root:/);
  expect(text).not.toContain(bench.directory);
  expect(text).toContain("python3: command not found");
  expect(await sandbox.readFile("/testbed/outside", 1000)).toBeNull();
  expect(await sandbox.readFile(`${bench.directory}/base0/tree.json`, 1000)).toBeNull();
  expect(await sandbox.writeFile("/etc/passwd", Buffer.from("x"))).toMatch(/read-only/);
  expect(await sandbox.writeFile("/testbed/no/parent", Buffer.from("x"))).toMatch(/no such/);
});

test("files are read, written and listed without the shell", async () => {
  const sandbox = await bench.open(base);
  expect(await sandbox.stat("/testbed/link")).toEqual({ kind: "file", size: 22 });
  expect(await sandbox.stat("/testbed/module")).toMatchObject({ kind: "directory" });
  expect(await sandbox.stat("/testbed/loop")).toBeNull();
  expect(await sandbox.writeFile("/testbed/run.sh", Buffer.from([0, 255, 10]))).toBeNull();
  expect(await sandbox.readFile("/testbed/run.sh", 10)).toEqual(Uint8Array.from([0, 255, 10]));
  await expect(sandbox.readFile("/testbed/run.sh", 2)).rejects.toThrow(SandboxError);
  expect(Buffer.from(await sandbox.diff(10_000)).toString()).not.toContain("old mode");
  expect((await sandbox.list("/testbed", 2, 100)).map((entry) => `${entry.kind} ${entry.path}`)).toEqual([
    "other /testbed/link",
    "other /testbed/loop",
    "directory /testbed/module",
    "other /testbed/outside",
    "file /testbed/run.sh",
    "directory /testbed/src",
    "file /testbed/src/a.py",
    "file /testbed/src/b.py",
  ]);
  expect(await sandbox.list("/testbed", 2, 3)).toHaveLength(3);
});

test("the small git sees changes and takes them back", async () => {
  const sandbox = await bench.open(base);
  await sh(sandbox, "sed -i 's/return 1/return 2/' src/a.py; rm src/b.py; echo new > n.txt; echo x > x.log");
  expect((await sh(sandbox, "git status --short")).text).toBe("?? n.txt\n M src/a.py\n D src/b.py\n");
  expect((await sh(sandbox, "git diff src/a.py")).text).toContain("-    return 1\n+    return 2\n");
  expect(
    (await sh(sandbox, "cd src && git checkout -- a.py && git show HEAD:src/b.py; git -C /testbed restore b.py; cat b.py")).text,
  ).toContain("x = 1\nUpdated 1 path");
  expect((await sh(sandbox, "git status -s; git checkout -- nope; git push")).text).toBe(
    "?? n.txt\nerror: pathspec 'nope' did not match any file(s) known to git\ngit: 'push' is not available in this sandbox; there are add, checkout, clean, config, diff, log, ls-files, restore, rev-parse, show, status\n",
  );
});

test("many workspaces share the threads and the base", async () => {
  const sandboxes = await Promise.all(Array.from({ length: 24 }, () => bench.open(base)));
  await Promise.all(sandboxes.map((sandbox, i) => sh(sandbox, `echo ${i} > mine; cd src`)));
  const texts = await Promise.all(sandboxes.map((sandbox) => sh(sandbox, "cat ../mine; pwd")));
  expect(texts.map((result) => result.text)).toEqual(sandboxes.map((_, i) => `${i}\n/testbed/src\n`));
});

test("install commands are refused with the key's name", async () => {
  await expect(bench.prepare({ a: "a" }, ["pip install -e ."])).rejects.toThrow(InputError);
  await expect(bench.prepare({ a: "a" }, ["pip install -e ."])).rejects.toThrow(/environment\.install/);
});

test("prepare again returns the base that is there, and open without one is a clear error", async () => {
  const request = { directory: base.directory, install: [], timeoutMs: 1000, limits: LIMITS };
  const source = {
    ...(await import("./memory-source.ts")).memorySource({}),
    files: () => {
      throw new Error("read again");
    },
  };
  expect(await bench.provider.prepare({ ...request, source })).toEqual(base);
  await expect(bench.open({ ...base, directory: `${base.directory}-gone` })).rejects.toThrow(SandboxError);
});

test("an interrupted prepare leaves no base that looks whole", async () => {
  const directory = `${base.directory}-cut`;
  const { memorySource } = await import("./memory-source.ts");
  const whole = memorySource({ a: "a", b: "b" });
  const cut = {
    ...whole,
    async *files() {
      for await (const file of whole.files()) {
        if (file.path === "b") throw new Error("power cut");
        yield file;
      }
    },
  };
  const request = { directory, install: [], timeoutMs: 1000, limits: LIMITS };
  await expect(bench.provider.prepare({ ...request, source: cut })).rejects.toThrow("power cut");
  const sandbox = await bench.open(await bench.provider.prepare({ ...request, source: whole }));
  expect((await sh(sandbox, "cat a b")).text).toBe("ab");
});

test("a closed workspace says so", async () => {
  const sandbox = await bench.open(base);
  await sandbox.close();
  await sandbox.close();
  await expect(sh(sandbox, "ls")).rejects.toThrow(SandboxError);
});

test("scripts that commands run print to whoever called them", async () => {
  const sandbox = await bench.open(base);
  const commands = [
    "seq 5 | xargs -n 1 echo | tail -1",
    "bash -c 'echo a; echo b' | wc -l",
    "find src -name '*.py' -exec cat {} \\; | wc -l",
    "echo x | env A=1 cat | wc -l",
    "eval 'echo e; echo f' | wc -l",
    "x=$(bash -c 'ls /no' 2>&1); echo \"<$x>\"",
    "bash -c 'echo plain; exit 3'; echo $?",
  ];
  const { text } = await sh(sandbox, commands.join("\n"));
  expect(text).toBe("5\n2\n3\n1\n2\n<ls: /no: No such file or directory>\nplain\n3\n");
});

test("rg searches by way of grep: files, types, stdin, pipes", async () => {
  const sandbox = await bench.open(base);
  expect((await sh(sandbox, "rg -n return")).text).toBe("src/a.py:2:    return 1\n");
  expect(
    (
      await sh(
        sandbox,
        "rg -ln 'x|return' -t py | wc -l; rg -c x -g '*.py' src; echo abc | rg B -i; rg --files -g '*.sh'; rg return src/a.py; rg nothing; echo $?",
      )
    ).text,
  ).toBe("2\nsrc/b.py:1\nabc\nrun.sh\n    return 1\n1\n");
  expect(await sh(sandbox, "rg --pcre2 x")).toMatchObject({
    exitCode: 2,
    text: "rg: --pcre2 is not available in this sandbox; use grep or find\n",
  });
});

test("a checkpoint holds the changes and the shell's state, and is null while nothing changed", async () => {
  const sandbox = await bench.open(base);
  expect(await sandbox.checkpoint(100_000)).toBeNull();
  await sh(sandbox, "ls");
  expect(await sandbox.checkpoint(100_000)).toBeNull();
  await sh(
    sandbox,
    "cd src; export A='é \"x\"'; printf 'no newline' > n.txt; rm b.py; chmod +x a.py; ln -s a.py l; printf 'a\\0b' > bin; echo x > x.log",
  );
  const checkpoint = await sandbox.checkpoint(100_000);
  expect(await sandbox.checkpoint(100_000)).toBeNull();
  const copy = await bench.open(base, JSON.parse(JSON.stringify(checkpoint)));
  expect(await copy.checkpoint(100_000)).toBeNull();
  expect((await sh(copy, 'pwd; echo "$A"; ls; cat n.txt; wc -c bin; readlink l')).text).toBe(
    '/testbed/src\né "x"\na.py\nbin\nl\nn.txt\nno newline3 bin\na.py\n',
  );
  expect(Buffer.compare(await copy.diff(100_000), await sandbox.diff(100_000))).toBe(0);
  await sh(copy, "git checkout -- a.py b.py; rm -f n.txt l bin");
  expect((await copy.diff(100_000)).length).toBe(0);
  await expect(sandbox.checkpoint(10)).rejects.toThrow(SandboxError);
  await expect(bench.open(await bench.prepare({ "src/b.py": "other\n" }), checkpoint ?? undefined)).rejects.toThrow(/does not fit/);
});
