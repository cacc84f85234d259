import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  MAX_OUTPUT_BYTES,
  WORKSPACE,
  type BaseSnapshot,
  type Checkpoint,
  type ExecOptions,
  type ExecResult,
  type Sandbox,
  type SandboxProvider,
} from "../../../core/agent/sandbox.ts";
import { SandboxError } from "../../../core/errors/index.ts";
import { LIMITS, exampleBase } from "./sandbox-repository.ts";
import { editSequencesSurvive } from "./edit-sequences.ts";
import type { SandboxAbilities } from "./sandbox-abilities.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const TEN_SECONDS: ExecOptions = { timeoutMs: 10_000, shell: "session" };
const MEGABYTE = 1_000_000;

export const text = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString("utf8");

/** The promises of the Sandbox port, for every driver. */
export function describeSandbox(name: string, makeProvider: () => Promise<SandboxProvider>, abilities: SandboxAbilities): void {
  describe(`sandbox ${name}`, () => {
    let provider: SandboxProvider;
    let directory: string;
    let base: BaseSnapshot;

    beforeAll(async () => {
      directory = temporaryFolder();
      provider = await makeProvider();
      base = await exampleBase(provider, directory);
    });
    afterAll(async () => {
      await provider.close();
      await removeFolder(directory);
    });

    async function withSandbox(work: (sandbox: Sandbox) => Promise<void>, checkpoint?: Checkpoint): Promise<void> {
      const sandbox = await provider.open(base, { limits: LIMITS, ...(checkpoint && { checkpoint }) });
      try {
        await work(sandbox);
      } finally {
        await sandbox.close();
      }
    }
    const run = async (sandbox: Sandbox, command: string, options: Partial<ExecOptions> = {}): Promise<ExecResult> =>
      await sandbox.exec(command, { ...TEN_SECONDS, ...options });
    const said = async (sandbox: Sandbox, command: string, options: Partial<ExecOptions> = {}): Promise<string> =>
      text((await run(sandbox, command, options)).output);
    const patchOf = async (sandbox: Sandbox): Promise<string> => Buffer.from(await sandbox.diff(MEGABYTE)).toString("latin1");

    test("prepares a base once and finds it again", async () => {
      const again = await exampleBase(provider, directory);
      expect(again).toEqual(base);
      expect(JSON.parse(JSON.stringify(base))).toEqual(base);
      expect(provider.notes.length).toBeGreaterThan(0);
    });

    describe("commands", () => {
      test("start at the workspace; folder and exported variables persist", async () => {
        await withSandbox(async (sandbox) => {
          expect(await said(sandbox, "pwd")).toBe(`${WORKSPACE}\n`);
          await run(sandbox, "cd src/deep; export GREETING='a \"b\" $c'");
          expect(await said(sandbox, 'pwd; echo "$GREETING"')).toBe(`${WORKSPACE}/src/deep\na "b" $c\n`);
        });
      });

      test("give stdout and stderr in the order written, and the exit code", async () => {
        await withSandbox(async (sandbox) => {
          const result = await run(sandbox, "echo one; echo two >&2; echo three; (exit 7)");
          expect(text(result.output)).toBe("one\ntwo\nthree\n");
          expect(result).toMatchObject({ outcome: "exited", exitCode: 7, restarted: null, omittedBytes: 0 });
          expect((await run(sandbox, "true")).exitCode).toBe(0);
        });
      });

      test("run as written: several lines, comments, here-documents, exclamation marks", async () => {
        await withSandbox(async (sandbox) => {
          const command = [
            "# a comment",
            "for word in a b",
            'do echo "$word!" # trailing',
            "done",
            "cat <<'END'",
            "it's $HOME \\n",
            "END",
          ].join("\n");
          expect(await said(sandbox, command)).toBe("a!\nb!\nit's $HOME \\n\n");
          expect(await said(sandbox, 'echo "Hello!"')).toBe("Hello!\n");
        });
      });

      test("see an empty stdin", async () => {
        await withSandbox(async (sandbox) => {
          expect(await said(sandbox, "cat; echo end")).toBe("end\n");
          expect(await said(sandbox, "echo next")).toBe("next\n");
        });
      });

      test("cannot be mistaken for the end of a command by what they print", async () => {
        await withSandbox(async (sandbox) => {
          expect(await said(sandbox, "printf '%s' 'a\\0b'; printf 'done\\n\\n'")).toBe("a\\0bdone\n\n");
          expect(await said(sandbox, "echo after")).toBe("after\n");
        });
      });

      test("a syntax error is found without running anything", async () => {
        await withSandbox(async (sandbox) => {
          for (const broken of [
            "touch made; echo 'open",
            "touch made; if true; then",
            "touch made; )",
            "}; touch made; {",
            "touch made; cat <<< $(",
            "for x in; do",
          ]) {
            expect(await sandbox.checkSyntax(broken), broken).toEqual(expect.stringMatching(/\S/));
          }
          for (const fine of [
            "echo a",
            "echo 'a\nb'",
            "# only a comment",
            "cat <<E\nx\nE",
            "f() { echo; }; f",
            'echo "$(date)" | wc -l',
            "[[ a == b ]] && echo",
          ]) {
            expect(await sandbox.checkSyntax(fine), fine).toBeNull();
          }
          expect(await sandbox.stat(`${WORKSPACE}/made`)).toBeNull();
        });
      });

      test("in a fresh shell leave nothing to the next one", async () => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, "cd src; export KEPT=session");
          const result = await run(sandbox, "pwd; cd /tmp; export LOST=1; exit 5", { shell: "fresh" });
          expect(text(result.output)).toBe(`${WORKSPACE}\n`);
          expect(result).toMatchObject({ outcome: "exited", exitCode: 5, restarted: null });
          expect(await said(sandbox, 'pwd; echo "[$LOST]"', { shell: "fresh" })).toBe(`${WORKSPACE}\n[]\n`);
          expect(await said(sandbox, 'pwd; echo "$KEPT[$LOST]"')).toBe(`${WORKSPACE}/src\nsession[]\n`);
        });
      });

      test("have much output cut at the limit and counted", async () => {
        await withSandbox(async (sandbox) => {
          const result = await run(sandbox, "for i in 1 2 3; do printf '%0500000d' 0; done; echo");
          expect(result.output.length).toBe(MAX_OUTPUT_BYTES);
          expect(result.omittedBytes).toBe(1_500_001 - MAX_OUTPUT_BYTES);
        });
      });

      test("that run too long are stopped; what they printed is kept and the session goes on", async () => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, "export BEFORE=yes");
          const result = await run(sandbox, "echo started; while true; do sleep 0.1; done; echo never", { timeoutMs: 2_000 });
          expect(result).toMatchObject({ outcome: "timeout", exitCode: null });
          expect(text(result.output)).toBe("started\n");
          expect(await said(sandbox, 'echo "$BEFORE"; pwd')).toBe(`yes\n${WORKSPACE}\n`);
        });
      });

      test("can be cancelled from outside", async () => {
        await withSandbox(async (sandbox) => {
          const controller = new AbortController();
          const running = run(sandbox, "while true; do sleep 0.1; done", { signal: controller.signal });
          setTimeout(() => controller.abort(new Error("cancelled by the test")), 100);
          await expect(running).rejects.toThrow("cancelled by the test");
          expect(await said(sandbox, "echo usable")).toBe("usable\n");
        });
      });

      if (abilities.processes) describeRealShell();
    });

    function describeRealShell(): void {
      const endings: readonly [command: string, exitCode: number | null][] = [
        ["exit 3", 3],
        ["set -e; false", 1],
        ["exec true", 0],
        ["kill -9 $$", 137],
      ];
      test.each(endings)("`%s` leaves a usable session, with its folder and variables", async (command, exitCode) => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, "cd src; export KEPT=1");
          const result = await run(sandbox, `echo before; ${command}`);
          expect(text(result.output)).toBe("before\n");
          expect(result).toMatchObject({ outcome: "exited", exitCode });
          expect(result.restarted).toEqual(expect.any(String));
          expect(await said(sandbox, "pwd; echo $KEPT")).toBe(`${WORKSPACE}/src\n1\n`);
        });
      });

      test("`exit` keeps what the same command changed before it", async () => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, "cd src; export MADE='in the same\ncommand'; exit 1");
          expect(await said(sandbox, 'pwd; echo "$MADE"')).toBe(`${WORKSPACE}/src\nin the same\ncommand\n`);
        });
      });

      test.each([
        "kill $$",
        "exec >/dev/null",
        "exec 2>&1 >gone.txt",
        "exec 3>&- 4>&- 5>&- 1>&-",
        'for fd in /proc/$$/fd/*; do fd=${fd##*/}; eval "exec $fd>&-"; done',
        "printf() { :; }; builtin() { :; }; eval() { :; }; unset() { :; }; exit() { :; }; declare() { :; }",
        "alias printf=false builtin=false eval=false; shopt -s expand_aliases",
        "trap 'echo trapped' DEBUG EXIT ERR; trap '' TERM",
        "set -u; echo $undefined_variable",
        "set -f; set -x; set -v; set -o posix; IFS=x",
        "ulimit -n 4",
        "break; continue; return",
        "POSIXLY_CORRECT=1; PATH=; HOME=/nonexistent",
        "enable -n printf declare trap",
        "exec 97>&- 98>&- 99>&-",
        "cd /; umask 777; kill -STOP $PPID",
      ])("`%s` leaves a usable session", async (command) => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, command, { timeoutMs: 1_000 });
          for (let attempt = 1; attempt <= 2; attempt++) await run(sandbox, ":", { timeoutMs: 1_000 });
          const result = await run(sandbox, "\\command cd /testbed && /bin/ls -d /testbed/src; \\builtin \\echo fine", {
            timeoutMs: 3_000,
          });
          expect(result.outcome).toBe("exited");
          expect(text(result.output).replaceAll(/^(\+|trapped).*\n/gm, "")).toContain("/testbed/src\n");
        });
      });

      test("background processes do not hold a command open, and end with the sandbox", async () => {
        await withSandbox(async (sandbox) => {
          const result = await run(sandbox, "sleep 1000 & (setsid sleep 1001 &) ; echo returned", { timeoutMs: 5_000 });
          expect(result.outcome).toBe("exited");
          expect(text(result.output)).toBe("returned\n");
          expect(await said(sandbox, 'until [ "$(pgrep -cx sleep)" = 2 ]; do :; done; echo both')).toBe("both\n");
          const stopped = await run(sandbox, "sleep 1002 & sleep 1003", { timeoutMs: 300 });
          expect(stopped.outcome).toBe("timeout");
          expect(await said(sandbox, "pgrep -cx sleep")).toBe("0\n");
        });
      });

      test("a timeout is met at the place where the command was", async () => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, "cd src/deep; sleep 100", { timeoutMs: 1_500 });
          expect(await said(sandbox, "pwd")).toBe(`${WORKSPACE}/src/deep\n`);
        });
      });

      test("10 GB of output end the command and nothing else", async () => {
        await withSandbox(async (sandbox) => {
          const result = await run(sandbox, "head -c 10G /dev/zero", { timeoutMs: 60_000 });
          expect(result).toMatchObject({ outcome: "output_limit", exitCode: null });
          expect(result.output.length).toBe(MAX_OUTPUT_BYTES);
          expect(result.omittedBytes).toBeGreaterThan(0);
          expect(await said(sandbox, "echo usable")).toBe("usable\n");
        });
      });

      test("output is raw bytes, and /dev/stdout and /dev/stderr can be opened", async () => {
        await withSandbox(async (sandbox) => {
          const { output } = await run(
            sandbox,
            String.raw`printf '\xff\x00\xfe'; echo a >/dev/stdout; echo b | tee /dev/stderr >/dev/null`,
          );
          expect([...output]).toEqual([0xff, 0, 0xfe, 0x61, 0x0a, 0x62, 0x0a]);
        });
      });

      test("the environment is the documented one and holds nothing of the host's", async () => {
        process.env["SANDBOX_CONTRACT_SECRET"] = "do not show";
        await withSandbox(async (sandbox) => {
          const lines = (await said(sandbox, "env")).split("\n");
          for (const wanted of [
            "PAGER=cat",
            "MANPAGER=cat",
            "GIT_PAGER=cat",
            "LESS=-R",
            "PIP_PROGRESS_BAR=off",
            "TQDM_DISABLE=1",
            "LANG=C.UTF-8",
            "LC_ALL=C.UTF-8",
            "TERM=dumb",
          ]) {
            expect(lines).toContain(wanted);
          }
          expect(lines.join("\n")).not.toContain("do not show");
        });
        delete process.env["SANDBOX_CONTRACT_SECRET"];
      });
    }

    describe("files", () => {
      test("are read exactly, or null", async () => {
        await withSandbox(async (sandbox) => {
          expect(text(await sandbox.readFile(`${WORKSPACE}/crlf.txt`, MEGABYTE))).toBe("one\r\ntwo\r\n");
          expect([...(await sandbox.readFile(`${WORKSPACE}/pixel.bin`, MEGABYTE))!]).toEqual([0, 1, 2, 255, 254, 0, 10, 13]);
          expect(text(await sandbox.readFile(`${WORKSPACE}/with space/naïve.txt`, MEGABYTE))).toBe("käse\n");
          expect(text(await sandbox.readFile(`${WORKSPACE}/link-to-readme`, MEGABYTE))).toBe("# Example\n");
          expect(await sandbox.readFile(`${WORKSPACE}/absent`, MEGABYTE)).toBeNull();
          expect(await sandbox.readFile(`${WORKSPACE}/src`, MEGABYTE)).toBeNull();
          await expect(sandbox.readFile(`${WORKSPACE}/README.md`, 3)).rejects.toThrow(SandboxError);
          expect(text(await sandbox.readFile(`${WORKSPACE}/README.md`, 10))).toBe("# Example\n");
        });
      });

      test("are written exactly and keep their mode", async () => {
        await withSandbox(async (sandbox) => {
          const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
          expect(await sandbox.writeFile(`${WORKSPACE}/new file.bin`, bytes)).toBeNull();
          expect(Buffer.from((await sandbox.readFile(`${WORKSPACE}/new file.bin`, MEGABYTE))!).equals(bytes)).toBe(true);
          expect(await sandbox.writeFile(`${WORKSPACE}/run.sh`, Buffer.from("#!/bin/sh\necho changed\n"))).toBeNull();
          expect(await said(sandbox, "test -x run.sh && echo executable")).toBe("executable\n");
          expect(await sandbox.writeFile(`${WORKSPACE}/README.md`, new Uint8Array())).toBeNull();
          expect(await sandbox.stat(`${WORKSPACE}/README.md`)).toEqual({ kind: "file", size: 0 });
        });
      });

      test("a refusal comes with a reason", async () => {
        await withSandbox(async (sandbox) => {
          expect(await sandbox.writeFile(`${WORKSPACE}/no/such/folder.txt`, Buffer.from("x"))).toEqual(expect.stringMatching(/\S/));
          expect(await sandbox.writeFile(`${WORKSPACE}/src`, Buffer.from("x"))).toEqual(expect.stringMatching(/\S/));
          expect(text(await sandbox.readFile(`${WORKSPACE}/src/app.py`, MEGABYTE))).toContain("def add");
        });
      });

      test("have a kind and a size", async () => {
        await withSandbox(async (sandbox) => {
          expect(await sandbox.stat(`${WORKSPACE}/src`)).toMatchObject({ kind: "directory" });
          expect(await sandbox.stat(`${WORKSPACE}/pixel.bin`)).toEqual({ kind: "file", size: 8 });
          expect(await sandbox.stat(`${WORKSPACE}/link-to-readme`)).toEqual({ kind: "file", size: 10 });
          expect(await sandbox.stat(`${WORKSPACE}/absent`)).toBeNull();
        });
      });

      test("are listed by depth, sorted, without hidden ones, up to a limit", async () => {
        await withSandbox(async (sandbox) => {
          const entries = await sandbox.list(WORKSPACE, 2, 1000);
          expect(entries.map((entry) => entry.path)).toEqual(
            [
              ...[
                "README.md",
                "crlf.txt",
                "latin1.txt",
                "link-to-readme",
                "no-newline.txt",
                "pixel.bin",
                "run.sh",
                "src",
                "src/app.py",
                "src/deep",
              ],
              ...["with space", "with space/naïve.txt"],
            ].map((relative) => `${WORKSPACE}/${relative}`),
          );
          expect(entries.find((entry) => entry.path.endsWith("/src"))?.kind).toBe("directory");
          expect(await sandbox.list(WORKSPACE, 1, 2)).toEqual(entries.slice(0, 2));
          expect(await sandbox.list(`${WORKSPACE}/absent`, 2, 10)).toEqual([]);
        });
      });
    });

    describe("changes", () => {
      test("are none at first, and none after they were taken back", async () => {
        await withSandbox(async (sandbox) => {
          expect(await patchOf(sandbox)).toBe("");
          await run(sandbox, "echo more >>README.md");
          expect(await patchOf(sandbox)).toContain("+more\n");
          await run(sandbox, "printf '# Example\\n' >README.md");
          expect(await patchOf(sandbox)).toBe("");
        });
      });

      test("are edits, new files and deletions, wherever they come from; ignored files are not among them", async () => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, "rm src/deep/inner/leaf.txt; mkdir build; echo x >build/out; echo x >trace.log; echo new >src/new.py");
          await sandbox.writeFile(`${WORKSPACE}/crlf.txt`, Buffer.from("one\r\n2\r\n"));
          const patch = await patchOf(sandbox);
          expect(patch).toContain("--- a/src/deep/inner/leaf.txt\n+++ /dev/null\n");
          expect(patch).toContain("--- /dev/null\n+++ b/src/new.py\n@@ -0,0 +1 @@\n+new\n");
          expect(patch).toContain("-two\r\n+2\r\n");
          expect(patch).not.toContain("build/out");
          expect(patch).not.toContain("trace.log");
        });
      });

      test("in bytes that are not text or not UTF-8 are shown exactly", async () => {
        await withSandbox(async (sandbox) => {
          await sandbox.writeFile(`${WORKSPACE}/latin1.txt`, Uint8Array.from([0x63, 0x61, 0x66, 0xe8, 0x0a]));
          await sandbox.writeFile(`${WORKSPACE}/pixel.bin`, Uint8Array.from([9, 0, 9]));
          const patch = await patchOf(sandbox);
          expect(patch).toContain("-caf\xe9\n+caf\xe8\n");
          expect(patch).toContain("GIT binary patch");
        });
      });

      test("over the limit are an error, not a cut diff", async () => {
        await withSandbox(async (sandbox) => {
          await run(sandbox, "seq 1 5000 >numbers.txt");
          await expect(sandbox.diff(1000)).rejects.toThrow(SandboxError);
          await expect(sandbox.checkpoint(1000)).rejects.toThrow(SandboxError);
          expect((await sandbox.diff(MEGABYTE)).length).toBeGreaterThan(5000);
          expect(await sandbox.checkpoint(MEGABYTE)).not.toBeNull();
        });
      });
    });

    describe("checkpoints", () => {
      test("exist only after a change", async () => {
        await withSandbox(async (sandbox) => {
          expect(await sandbox.checkpoint(MEGABYTE)).toBeNull();
          await run(sandbox, "cat README.md");
          expect(await sandbox.checkpoint(MEGABYTE)).toBeNull();
          await run(sandbox, "echo a >a.txt");
          expect(await sandbox.checkpoint(MEGABYTE)).not.toBeNull();
          expect(await sandbox.checkpoint(MEGABYTE)).toBeNull();
          await run(sandbox, "cd src");
          expect(await sandbox.checkpoint(MEGABYTE)).toMatchObject({ cwd: `${WORKSPACE}/src` });
          await run(sandbox, "export X=1");
          expect(await sandbox.checkpoint(MEGABYTE)).toMatchObject({ env: { X: "1" } });
          await run(sandbox, "rm ../a.txt");
          expect(await sandbox.checkpoint(MEGABYTE)).toMatchObject({ patchBase64: "" });
        });
      });

      test("bring files, folder and variables back in another sandbox", async () => {
        let saved: Checkpoint | null = null;
        let patch = "";
        await withSandbox(async (sandbox) => {
          await run(
            sandbox,
            "mkdir -p made/empty; echo 'é' >'made/ü x.txt'; chmod +x src/app.py; rm -r src/deep; mv pixel.bin moved.bin; export A=$'x\\ny'; cd made/empty",
          );
          saved = await sandbox.checkpoint(MEGABYTE);
          patch = await patchOf(sandbox);
        });
        expect(saved).not.toBeNull();
        const checkpoint: Checkpoint = JSON.parse(JSON.stringify(saved));
        await withSandbox(async (sandbox) => {
          expect(await sandbox.checkpoint(MEGABYTE)).toBeNull();
          expect(await patchOf(sandbox)).toBe(patch);
          expect(await said(sandbox, 'pwd; echo "$A"; cat ../*.txt; test -x ../../src/app.py && echo executable')).toBe(
            `${WORKSPACE}/made/empty\nx\ny\né\nexecutable\n`,
          );
          expect(await sandbox.stat(`${WORKSPACE}/src/deep`)).toBeNull();
          await run(sandbox, "rm -r /testbed/made; cd /testbed");
          expect(await sandbox.checkpoint(MEGABYTE)).not.toBeNull();
          expect(await patchOf(sandbox)).not.toContain("made/");
        }, checkpoint);
      });

      test("know a link that took a folder's place from what it leads to", async () => {
        let saved: Checkpoint | null = null;
        let patch = "";
        await withSandbox(async (sandbox) => {
          await run(
            sandbox,
            "mkdir elsewhere; mv src/deep/inner/leaf.txt elsewhere; rmdir src/deep/inner; ln -s ../../elsewhere src/deep/inner",
          );
          saved = await sandbox.checkpoint(MEGABYTE);
          patch = await patchOf(sandbox);
          expect(await said(sandbox, "cat src/deep/inner/leaf.txt")).toBe("leaf\n");
        });
        const checkpoint: Checkpoint = JSON.parse(JSON.stringify(saved));
        await withSandbox(async (sandbox) => {
          expect(await said(sandbox, "cat src/deep/inner/leaf.txt elsewhere/leaf.txt")).toBe("leaf\nleaf\n");
          expect(await patchOf(sandbox)).toBe(patch);
        }, checkpoint);
      });

      test("any sequence of edits comes back the same", async () => {
        const open = (checkpoint?: Checkpoint): Promise<Sandbox> =>
          provider.open(base, { limits: LIMITS, ...(checkpoint && { checkpoint }) });
        await expect(editSequencesSurvive(open, abilities)).resolves.toBeUndefined();
      });
    });

    test("a closed sandbox says so, and can be closed again", async () => {
      const sandbox = await provider.open(base, { limits: LIMITS });
      await sandbox.close();
      await sandbox.close();
      await expect(run(sandbox, "echo")).rejects.toThrow(SandboxError);
      await expect(sandbox.readFile(`${WORKSPACE}/README.md`, 10)).rejects.toThrow(SandboxError);
      await expect(sandbox.checkpoint(10)).rejects.toThrow(SandboxError);
    });

    test("sandboxes do not see each other's changes", async () => {
      const [one, other] = await Promise.all([provider.open(base, { limits: LIMITS }), provider.open(base, { limits: LIMITS })]);
      await one.exec("echo secret >only-here.txt; echo secret >/tmp/only-here.txt", TEN_SECONDS);
      expect(await said(other, "ls /testbed/only-here.txt /tmp/only-here.txt 2>/dev/null | wc -l")).toMatch(/^\s*0\n$/);
      await Promise.all([one.close(), other.close()]);
    });
  });
}
