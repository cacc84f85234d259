import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startRehearsalTeacher } from "../../drivers/rehearsal/index.ts";
import { exampleRepository, jsonLines, scratch, serac, type Finished } from "./serac.ts";

const exec = promisify(execFile);

const git = async (cwd: string, ...args: string[]): Promise<void> => {
  await exec("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", ...args], { cwd });
};

/** What is wrong with a refusal: it must exit with 2, say every part on stderr and nothing on stdout, and make no home. */
function flaws({ code, stdout, stderr }: Finished, cwd: string, ...parts: (string | RegExp)[]): string[] {
  const missing = parts.filter((part) => (typeof part === "string" ? !stderr.includes(part) : !part.test(stderr)));
  return [
    ...(code === 2 ? [] : [`exit ${code}`]),
    ...missing.map((part) => `stderr does not say ${String(part)}: ${stderr}`),
    ...(stdout === "" ? [] : [`stdout: ${stdout}`]),
    ...(existsSync(join(cwd, ".serac")) ? ["a home was made"] : []),
  ];
}

describe("repositories", () => {
  const run = (repo: string, cwd: string, ...flags: string[]): Promise<Finished> =>
    serac(["run", repo, "--rehearse", "--samples", "2", ...flags], { cwd });

  it("no such path, a file, an address", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    await writeFile(join(cwd, "file.txt"), "x");
    expect(flaws(await run("nope", cwd), cwd, /nothing at .*nope/, "[repository_missing]", /hint: Give the path/)).toEqual([]);
    expect(flaws(await run("file.txt", cwd), cwd, /file\.txt is not a folder/, /hint: .*git repository/)).toEqual([]);
    expect(flaws(await run("https://code.example/x.git", cwd), cwd, "https://code.example/x.git is an address", /hint: Clone it/)).toEqual(
      [],
    );
  });

  it("a repository without a commit, an unknown commit, a commit of a plain folder", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const empty = join(cwd, "empty");
    await mkdir(empty);
    await git(empty, "init", "-q");
    expect(flaws(await run(empty, cwd), cwd, "[repository_empty]")).toEqual([]);
    const repo = await exampleRepository(cwd);
    expect(flaws(await run(repo, cwd, "--commit", "v9"), cwd, /plain folder.*v9/, "[repository_commit_unknown]")).toEqual([]);
    await git(repo, "init", "-q");
    await git(repo, "add", ".");
    await git(repo, "commit", "-qm", "first");
    expect(flaws(await run(repo, cwd, "--commit", "v9"), cwd, "v9", "[repository_commit_unknown]")).toEqual([]);
  });

  it("no functions", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    await mkdir(join(cwd, "docs"));
    await writeFile(join(cwd, "docs/page.md"), "# nothing to see\n");
    expect(
      flaws(
        await run("docs", cwd),
        cwd,
        /No functions were found in .*docs \(0 source files read, 0 skipped\)/,
        "[no_functions]",
        /hint: .*serac survey/,
      ),
    ).toEqual([]);
    const repo = await exampleRepository(cwd);
    expect(flaws(await run(repo, cwd, "--language", "cobol"), cwd, /survey\.languages\.0: found "cobol"; allowed: .*python/)).toEqual([]);
  });

  it("odd trees are surveyed, and what is left out is said", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = join(cwd, "odd tree ü");
    await mkdir(join(repo, "with space"), { recursive: true });
    await writeFile(join(repo, "with space/größe.py"), "def messen():\r\n    return 1\r\n");
    await writeFile(join(repo, "latin.py"), Buffer.from("def caf\xe9():\n    return '\xe9'\n", "latin1"));
    await writeFile(join(repo, "long.py"), `def long():\n${"    x = 1\n".repeat(100_000)}`);
    await symlink("loop.py", join(repo, "loop.py"));
    await symlink("/etc/passwd", join(repo, "out.py"));
    await writeFile(join(repo, "locked.py"), "def locked(): pass\n");
    await chmod(join(repo, "locked.py"), 0);
    const { code, stdout, stderr } = await serac(["survey", repo, "--json"], { cwd });
    expect(code, stderr).toBe(0);
    const lines = jsonLines(stdout);
    const ids = lines.slice(0, -1).map(({ id }) => id);
    expect(ids).toContain("with space/größe.py::messen");
    expect(ids).toContain("long.py::long");
    expect(ids.some((id) => String(id).startsWith("latin.py::caf"))).toBe(true);
    const skipped = lines.at(-1)?.["skipped"];
    expect(skipped).toContainEqual({ path: "loop.py", reason: "symlink" });
    expect(skipped).toContainEqual({ path: "out.py", reason: "symlink" });
    // Root reads everything.
    const isRoot = process.getuid?.() === 0;
    const locked = isRoot ? ids.filter((id) => id === "locked.py::locked") : skipped;
    expect(locked).toContainEqual(isRoot ? "locked.py::locked" : { path: "locked.py", reason: "unreadable" });
  });

  it("bare and shallow repositories and submodules work, with a note", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    const inner = join(cwd, "inner");
    await mkdir(inner);
    for (const path of [inner, repo]) await git(path, "init", "-q");
    await writeFile(join(inner, "a.py"), "def inner(): pass\n");
    await git(inner, "add", ".");
    await git(inner, "commit", "-qm", "inner");
    await git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "sub");
    await git(repo, "add", ".");
    await git(repo, "commit", "-qm", "first");
    await git(repo, "commit", "-qm", "second", "--allow-empty");
    await git(cwd, "clone", "-q", "--bare", repo, "bare.git");
    await git(cwd, "clone", "-q", "--depth", "1", `file://${repo}`, "shallow");
    const bare = await serac(["survey", "bare.git"], { cwd });
    expect(bare.stdout).toContain("57 functions");
    expect(bare.stdout).toContain("submodule");
    const shallow = await serac(["survey", "shallow"], { cwd });
    expect(shallow.stdout).toContain("shallow");
  });
});

describe("settings", () => {
  const runWith = async (yaml: string, cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Finished> => {
    await writeFile(join(cwd, "serac.yaml"), yaml);
    await mkdir(join(cwd, "code"), { recursive: true });
    await writeFile(join(cwd, "code/a.py"), "def a():\n    return 1\n");
    return serac(["run", "code"], { cwd, env });
  };
  const TEACHER = "teacher: { baseUrl: 'http://127.0.0.1:9/v1', model: m }\n";

  it.each([
    ["an unknown key", "plan: { sampels: 3 }\n", [/serac\.yaml:1:9/, "plan.sampels is no known key; did you mean plan.samples?"]],
    ["a key in the wrong place", "maxCalls: 3\n", [/serac\.yaml:1:1/, "did you mean rollout.maxCalls?"]],
    ["a value of the wrong type", "plan: { samples: lots }\n", [/serac\.yaml:1:9/, /plan\.samples: found "lots"; allowed: .*1/]],
    ["an impossible value", "verify:\n  threshold: 7\n", [/serac\.yaml:2:3/, /verify\.threshold: found 7; allowed: .*0.*1/]],
    ["not YAML", "plan: [1\n", ["serac.yaml:", "not valid YAML"]],
    ["an unknown bug kind", "plan: { kindWeights: { secruity: 1 } }\n", ["secruity", "did you mean security?"]],
  ])("%s", async (_name, yaml, parts) => {
    await using folder = await scratch();
    expect(flaws(await runWith(yaml + TEACHER, folder.path), folder.path, ...parts, "[config_invalid]")).toEqual([]);
  });

  it("no teacher, and a key variable that is not set, before the teacher is asked", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    expect(flaws(await runWith("plan: { samples: 1 }\n", cwd), cwd, "No teacher is given", /hint: .*--teacher URL --model NAME/)).toEqual(
      [],
    );
    const teacher = await startRehearsalTeacher({ seed: 1 });
    try {
      const withKey = `teacher: { baseUrl: '${teacher.url}', model: rehearsal, apiKeyEnv: SERAC_TEST_KEY }\n`;
      expect(flaws(await runWith(withKey, cwd), cwd, "environment variable SERAC_TEST_KEY is not set", "export SERAC_TEST_KEY=")).toEqual(
        [],
      );
      expect(flaws(await runWith(withKey, cwd, { SERAC_TEST_KEY: "" }), cwd, "SERAC_TEST_KEY is empty")).toEqual([]);
      expect(teacher.stats().requests).toBe(0);
    } finally {
      await teacher.close();
    }
  });

  it("a config file that is not there", async () => {
    await using folder = await scratch();
    expect(
      flaws(
        await serac(["run", "-c", "nope.yaml"], { cwd: folder.path }),
        folder.path,
        "nope.yaml cannot be read: there is no such file",
        "[config_unreadable]",
      ),
    ).toEqual([]);
  });
});

describe("teachers", () => {
  const probe = async (cwd: string, flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> => {
    const repo = existsSync(join(cwd, "parcels")) ? join(cwd, "parcels") : await exampleRepository(cwd);
    return serac(["run", repo, "--samples", "1", ...flags], { cwd, env });
  };

  it("nobody there", async () => {
    await using folder = await scratch();
    const result = await probe(folder.path, ["--teacher", "http://127.0.0.1:9/v1", "--model", "m"]);
    expect(flaws(result, folder.path, "127.0.0.1:9", "[teacher_connection]", "hint: ")).toEqual([]);
  });

  it("a model that it does not have, and a key that it does not take", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const teacher = await startRehearsalTeacher({ seed: 1, apiKey: "right-key-123456" });
    const flags = ["--teacher", teacher.url, "--api-key-env", "SERAC_TEST_KEY", "--model"];
    try {
      const unknown = await probe(cwd, [...flags, "gpt-x"], { SERAC_TEST_KEY: "right-key-123456" });
      expect(flaws(unknown, cwd, 'does not know the model "gpt-x"', "It has: rehearsal", "[teacher_model_unknown]")).toEqual([]);
      const refused = await probe(cwd, [...flags, "rehearsal"], { SERAC_TEST_KEY: "wrong-key-123456" });
      expect(flaws(refused, cwd, "[teacher_auth]", "hint: ")).toEqual([]);
      expect(refused.stderr).not.toContain("wrong-key-123456");
      expect(teacher.stats().paidCalls).toBe(0);
    } finally {
      await teacher.close();
    }
  });

  it("a certificate that it signed itself", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const [key, cert] = [join(cwd, "key.pem"), join(cwd, "cert.pem")];
    await exec("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
    ]);
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (_request, response) => response.end("{}"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : address;
    try {
      const result = await probe(cwd, ["--teacher", `https://127.0.0.1:${port}/v1`, "--model", "m"]);
      expect(flaws(result, cwd, "[teacher_tls]", "NODE_EXTRA_CA_CERTS")).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("homes", () => {
  it("one of a newer version is left alone", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    const flags = ["run", repo, "--rehearse", "--samples", "1", "--sandbox", "virtual-bash"];
    expect((await serac(flags, { cwd })).code).toBe(0);
    const before = await readdir(join(cwd, ".serac/datasets"));
    const database = new DatabaseSync(join(cwd, ".serac/serac.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();
    for (const args of [flags, ["status"], ["resume", "latest"]]) {
      const { code, stderr } = await serac(args, { cwd });
      expect(code).toBe(2);
      expect(stderr).toMatch(/version 999; this serac knows versions up to \d+\S* \[home_newer\]\nhint: Update serac/);
    }
    expect(await readdir(join(cwd, ".serac/datasets"))).toEqual(before);
  });

  it("a home that is a file, and a home that is not there", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    await writeFile(join(cwd, "taken"), "");
    const taken = await serac(["run", repo, "--rehearse", "--samples", "1", "--home", "taken"], { cwd });
    expect(flaws(taken, cwd, "taken", "[home_unusable]", "--home")).toEqual([]);
    expect(flaws(await serac(["resume", "latest"], { cwd }), cwd, /no home at .*\.serac/, "[home_unusable]")).toEqual([]);
    const { code, stdout } = await serac(["status"], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining("No runs in")]);
    expect(existsSync(join(cwd, ".serac"))).toBe(false);
  });

  it("two processes work on one home, each on a run of its own", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    const flags = ["run", repo, "--rehearse", "--samples", "2", "--sandbox", "virtual-bash", "--json"];
    const both = await Promise.all([serac(flags, { cwd }), serac([...flags, "--seed", "2"], { cwd })]);
    for (const { code, stderr, stdout } of both) {
      expect(code, stderr).toBe(0);
      expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "finished", done: 2 });
    }
    expect(jsonLines((await serac(["status", "--json"], { cwd })).stdout)[0]).toHaveLength(2);
  });

  it("a full disk is said to be full, at the start and in the middle", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    const disk = join(cwd, "disk");
    await mkdir(disk);
    const onDiskOf = (bytes: number): { code: number | null; stderr: string } => {
      const bin = join(import.meta.dirname, "../../bin/serac.ts");
      const walls = ["--dev-bind", "/", "/", "--size", String(bytes), "--tmpfs", disk];
      const args = ["run", repo, "--rehearse", "--samples", "30", "--sandbox", "virtual-bash", "--home", join(disk, "home")];
      const { status, stderr } = spawnSync("bwrap", [...walls, process.execPath, bin, ...args], { cwd, encoding: "utf8" });
      return { code: status, stderr };
    };
    const start = onDiskOf(8192);
    expect(start.code, start.stderr).toBe(2);
    expect(start.stderr).toMatch(/disk.*\[disk_full\]\nhint: /);
    const middle = onDiskOf(1_200_000);
    expect(middle.code, middle.stderr).toBe(3);
    expect(middle.stderr).toMatch(/paused: The disk is full.*\[disk_full\]\nhint: Free some space.*resume/);
  });
});

describe("runs, samples, patches", () => {
  it("unknown runs and samples, and a foreign folder to export to", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const repo = await exampleRepository(cwd);
    const run = await serac(["run", repo, "--rehearse", "--samples", "1", "--sandbox", "virtual-bash"], { cwd });
    expect(run.code, run.stderr).toBe(0);
    const cases: [string[], RegExp][] = [
      [["status", "web"], /There is no run "web"\. The latest: parcels-.* \[run_unknown\]/],
      [["show", "latest-s9"], /has no sample 9: it has 1, from 1\. \[sample_unknown\]/],
      [["show", "what"], /There is no sample "what"\. \[sample_unknown\]/],
      [["export", "latest", "--out", "parcels"], /parcels .*\[output_exists\]/],
      [["export", "latest", "--out", "x", "--format", "csv"], /csv.*hermes, xml, openai, raw/s],
      [["export", "latest", "--out", "x", "--min-kept-ratio", "2"], /--min-kept-ratio: found "2"; allowed: a number, from 0 to 1/],
      [["resume", "latest"], /is finished: every sample has its result\. \[run_not_resumable\]/],
      [["resume", "latest", "--budget", "lots"], /--budget: found "lots"; allowed: US dollars/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr, stdout } = await serac(args, { cwd });
      expect([code, stdout], args.join(" ")).toEqual([2, ""]);
      expect(stderr).toMatch(message);
    }
    expect(existsSync(join(cwd, "x"))).toBe(false);
    expect(await readdir(join(cwd, "parcels"))).toContain("pyproject.toml");
  });

  it("a score of things that are no patches", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    await writeFile(join(cwd, "a.patch"), "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
    await writeFile(join(cwd, "letter.txt"), "Dear patch,\n");
    await writeFile(join(cwd, "cut.patch"), "--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-a\n+b\n");
    const score = (target: string, candidate: string): Promise<Finished> =>
      serac(["score", "--target", target, "--candidate", candidate], { cwd });
    expect(
      flaws(await score("letter.txt", "a.patch"), cwd, "--target letter.txt: This is not a patch", "[not_a_patch]", /hint: A unified diff/),
    ).toEqual([]);
    expect(flaws(await score("a.patch", "cut.patch"), cwd, /--candidate cut\.patch: .*line \d/, "[not_a_patch]")).toEqual([]);
    expect(flaws(await score("a.patch", "nope"), cwd, "--candidate nope cannot be read: there is no such file")).toEqual([]);
    expect(flaws(await score("-", "-"), cwd, "cannot both be read from standard input")).toEqual([]);
  });

  it("a port that is taken, a fault that does not exist", async () => {
    await using folder = await scratch();
    const cwd = folder.path;
    const teacher = await startRehearsalTeacher({ seed: 1 });
    try {
      const port = new URL(teacher.url).port;
      expect(flaws(await serac(["rehearse", "--port", port], { cwd }), cwd, `port ${port} is taken`)).toEqual([]);
      expect(
        flaws(await serac(["rehearse", "--port", "99999"], { cwd }), cwd, '--port: found "99999"; allowed: a whole number from 0 to 65535'),
      ).toEqual([]);
      expect(flaws(await serac(["rehearse", "--fault", "flood"], { cwd }), cwd, /--fault: found "flood"; allowed: 429, 500/)).toEqual([]);
    } finally {
      await teacher.close();
    }
  });
});
