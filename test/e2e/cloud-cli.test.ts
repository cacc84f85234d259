import { execFile } from "node:child_process";
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRehearsalTeacher } from "../../drivers/rehearsal/index.ts";
import { startDeployment, type Deployment } from "../contract/control-api/deployment.ts";
import { startFunctions, type Functions } from "../contract/control-api/functions.ts";
import { exampleRepository, jsonLines, scratch, serac, startSerac } from "./serac.ts";

const exec = promisify(execFile);

type Teacher = Awaited<ReturnType<typeof startRehearsalTeacher>>;
let teacher: Teacher;
let deployment: Deployment;
let functions: Functions;
let key: string;

beforeAll(async () => {
  teacher = await startRehearsalTeacher({ seed: 1 });
  deployment = await startDeployment();
  functions = startFunctions(deployment);
  key = await deployment.newKey();
});

afterAll(async () => {
  await functions?.[Symbol.asyncDispose]();
  await deployment?.[Symbol.asyncDispose]();
  await teacher?.close();
});

const cloud = (cwd: string, more: NodeJS.ProcessEnv = {}) => ({ cwd, env: { SERAC_API: deployment.url, SERAC_API_KEY: key, ...more } });

/** A git repository with something in it that was not committed. */
async function repositoryIn(folder: string): Promise<{ readonly path: string; readonly commit: string }> {
  const path = await exampleRepository(folder);
  const git = (...args: string[]) => exec("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: path });
  await git("init", "-q");
  await git("add", ".");
  await git("commit", "-qm", "first");
  await appendFile(join(path, "parcels/money.py"), "\n\ndef not_committed():\n    return 0\n");
  const { stdout } = await git("rev-parse", "HEAD");
  return { path, commit: stdout.trim() };
}

const settings = (more: readonly string[] = []): string[] => [
  "--teacher",
  teacher.url,
  "--model",
  teacher.model,
  "--samples",
  "3",
  ...more,
];

describe("a run in the cloud", () => {
  it("goes from a repository here to a dataset here", async () => {
    await using folder = await scratch();
    const { path, commit } = await repositoryIn(folder.path);
    const run = await serac(["run", path, "--cloud", "--json", ...settings()], cloud(folder.path));
    expect({ code: run.code, faults: functions.faults }, run.stderr).toEqual({ code: 0, faults: [] });
    const events = jsonLines(run.stdout);
    expect(events[0]).toMatchObject({ event: "started", name: "parcels" });
    expect(events.map(({ event }) => event)).toContain("stage");
    const last = events.at(-1)!;
    expect(last).toMatchObject({ event: "finished", state: "finished", planned: 3, done: 3, rehearsal: true, commit });
    expect(run.stderr).toContain(`at ${commit.slice(0, 12)}`);
    const runId = String(last["runId"]);

    const status = await serac(["status", "latest", "--cloud", "--json"], cloud(folder.path));
    expect(JSON.parse(status.stdout)).toMatchObject({ runId, state: "finished", done: 3 });
    const listed = await serac(["status", "--cloud"], cloud(folder.path));
    expect(listed.stdout).toContain(runId);
    const text = await serac(["status", runId, "--cloud"], cloud(folder.path));
    expect(text.stdout).toMatch(/samples +3 of 3 done/);

    const out = join(folder.path, "dataset");
    const exported = await serac(["export", "latest", "--cloud", "--out", "dataset", "--json"], cloud(folder.path));
    expect(exported.code, exported.stderr).toBe(0);
    expect(JSON.parse(exported.stdout)).toMatchObject({ runId, location: out, rehearsal: true, formats: ["hermes"] });
    expect(await readFile(join(out, "README.md"), "utf8")).toContain("rehearsal");
    expect(await readdir(join(out, "t1"))).toEqual(["train-00000.jsonl", "train-00000.parquet"]);
    const stored = await deployment.platform.artifacts.get(`datasets/${runId}/t1/train-00000.jsonl`);
    expect(await readFile(join(out, "t1/train-00000.jsonl"))).toEqual(Buffer.from(stored));
    expect(await readdir(folder.path)).toEqual(["dataset", "parcels"]);

    const shown = await serac(["show", "latest-s1", "--cloud", "--json"], cloud(folder.path));
    const { sample, rollouts } = JSON.parse(shown.stdout);
    expect(sample).toMatchObject({ runId, index: 0 });
    expect(rollouts[0].trajectory.steps.length).toBeGreaterThan(0);
    const pretty = await serac(["show", `${runId}-s000001`, "--cloud", "--no-pager"], cloud(folder.path));
    expect(pretty.stdout).toContain("== first rollout");
  });

  it("ends in a text for people that names the next commands", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    const { code, stdout, stderr } = await serac(["run", path, "--cloud", "--name", "people", ...settings()], cloud(folder.path));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/people-\d{8}-\d{6}-[0-9a-f]{4} {2}finished/);
    expect(stdout).toMatch(/export people-\S+ --cloud --out dataset/);
    expect(stderr).toMatch(/uploading \d/);
    expect(stdout + stderr).not.toContain(key);
  });

  it("goes on without the one who looked: Ctrl-C ends the looking alone", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    functions.paused = true;
    try {
      const running = startSerac(["run", path, "--cloud", "--json", "--name", "left", ...settings()], cloud(folder.path));
      const started = JSON.parse(await running.line((line) => line.includes('"started"')));
      await running.line((line) => line.includes('"stage"'));
      running.child.kill("SIGINT");
      const { code, stdout, stderr } = await running.finished;
      expect(code).toBe(3);
      expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "detached", runId: started.runId, state: "preparing" });
      expect(stderr).toContain(`status ${started.runId} --cloud`);
      functions.paused = false;
      const back = await serac(["resume", started.runId, "--cloud", "--json"], cloud(folder.path));
      expect(back.code, back.stderr).toBe(0);
      expect(jsonLines(back.stdout).at(-1)).toMatchObject({ event: "finished", runId: started.runId, done: 3 });
    } finally {
      functions.paused = false;
    }
  });

  it("is detached, cancelled, and then not resumed", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    functions.paused = true;
    try {
      const run = await serac(["run", path, "--cloud", "--detach", "--json", ...settings()], cloud(folder.path));
      expect(run.code, run.stderr).toBe(0);
      const events = jsonLines(run.stdout);
      expect(events.map(({ event }) => event)).toEqual(["started", "detached"]);
      const runId = String(events[0]!["runId"]);
      const cancelled = await serac(["cancel", runId, "--cloud"], cloud(folder.path));
      expect(cancelled.stdout).toMatch(new RegExp(`^${runId} {2}cancelled`));
      const resumed = await serac(["resume", runId, "--cloud"], cloud(folder.path));
      expect(resumed).toMatchObject({ code: 2, stderr: expect.stringContaining("[run_not_resumable]") });
      const exported = await serac(["export", runId, "--cloud", "--out", "dataset"], cloud(folder.path));
      expect(exported).toMatchObject({ code: 2, stderr: expect.stringContaining("[artifact_missing]") });
    } finally {
      functions.paused = false;
    }
  });

  it("pauses at its budget, and goes on with another", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    const priced = settings(["--set", "teacher.price.input=100", "--set", "teacher.price.output=100", "--budget", "0.01"]);
    const run = await serac(["run", path, "--cloud", "--json", ...priced], cloud(folder.path));
    expect(run.code, run.stderr).toBe(3);
    expect(jsonLines(run.stdout).at(-1)).toMatchObject({ event: "paused", state: "paused", detail: expect.stringMatching(/budget/i) });
    expect(run.stderr).toContain("--cloud");
    const resumed = await serac(["resume", "latest", "--cloud", "--json", "--budget", "none"], cloud(folder.path));
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(jsonLines(resumed.stdout).at(-1)).toMatchObject({ event: "finished", done: 3, spend: { budgetMicroUsd: null } });
  });

  it("fails with the reason when its teacher is not there", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    const away = ["--teacher", "http://127.0.0.1:9/v1", "--model", "m", "--samples", "1"];
    const { code, stdout, stderr } = await serac(["run", path, "--cloud", "--json", ...away], cloud(folder.path));
    expect(code).not.toBe(0);
    expect(["failed", "paused"]).toContain(jsonLines(stdout).at(-1)!["event"]);
    expect(stderr).toContain("127.0.0.1:9");
  });

  it("estimates as the deployment does", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    const { stdout } = await serac(["estimate", path, "--cloud", "--json", ...settings()], cloud(folder.path));
    expect(JSON.parse(stdout)).toMatchObject({ samples: { planned: 3 }, functions: expect.any(Number) });
  });
});

describe("a dataset that is fetched", () => {
  it("is fetched further where the line broke, and kept when links run out", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    const run = await serac(["run", path, "--cloud", "--json", ...settings()], cloud(folder.path));
    expect(run.code, run.stderr).toBe(0);
    const runId = String(jsonLines(run.stdout)[0]!["runId"]);
    const rows = "t1/train-00000.jsonl";
    const part = join(folder.path, `.dataset.download-${runId}`, rows);
    const arrived = async (bytes: number): Promise<void> => {
      while (((await stat(part).catch(() => null))?.size ?? 0) < bytes) await wait(5);
    };
    const before = deployment.links.requests.length;
    const runOut = async (): Promise<void> => {
      await arrived(300);
      deployment.links.expireAll();
    };
    deployment.links.breakOffs.push({ path: rows, bytes: 100, until: () => arrived(100) }, { path: rows, bytes: 200, until: runOut });
    const { code, stderr } = await serac(["export", "latest", "--cloud", "--out", "dataset"], cloud(folder.path));
    expect(code, stderr).toBe(0);
    const asked = deployment.links.requests.slice(before).filter((request) => request.key.endsWith(rows));
    expect(asked.map(({ range }) => range).slice(0, 3)).toEqual([undefined, "bytes=100-", "bytes=300-"]);
    const stored = await deployment.platform.artifacts.get(`datasets/${runId}/${rows}`);
    expect(await readFile(join(folder.path, "dataset", rows))).toEqual(Buffer.from(stored));
    const again = await serac(["export", "latest", "--cloud", "--out", "dataset"], cloud(folder.path));
    expect(again.code, again.stderr).toBe(0);
    expect(await readdir(folder.path)).toEqual(["dataset", "parcels"]);
  });

  it("replaces nothing that is not ours", async () => {
    await using folder = await scratch();
    await mkdir(join(folder.path, "thesis"));
    await writeFile(join(folder.path, "thesis/chapter.txt"), "years of work");
    const { code, stderr } = await serac(["export", "latest", "--cloud", "--out", "thesis"], cloud(folder.path));
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("[output_exists]") });
    expect(await readdir(join(folder.path, "thesis"))).toEqual(["chapter.txt"]);
  });
});

describe("what is wrong is said before anything is sent", () => {
  it.each([
    ["no address", ["status", "--cloud"], { SERAC_API: "" }, /SERAC_API.*--api/s],
    ["no key", ["status", "--cloud"], { SERAC_API_KEY: "" }, /SERAC_API_KEY is (empty|not set)/],
    ["no https", ["status", "--cloud", "--api", "http://api.example.com"], {}, /unencrypted/],
    ["no URL", ["status", "--cloud", "--api", "api"], {}, /allowed: an https address/],
    ["a flag of the other place", ["status", "--api", "https://api.example.com"], {}, /--api means nothing without --cloud/],
    ["a home", ["status", "--cloud", "--home", "x"], {}, /--home means nothing with --cloud/],
    ["filters", ["export", "latest", "--cloud", "--out", "d", "--max-samples", "3"], {}, /--max-samples means nothing with --cloud/],
    ["a rehearsal", ["run", ".", "--cloud", "--rehearse"], {}, /cannot reach/],
    ["no such run", ["status", "nothing", "--cloud"], {}, /\[run_unknown\]/],
    ["no such sample", ["show", "latest-s99", "--cloud"], {}, /\[sample_unknown\]/],
  ])("%s", async (_name, args, env, said) => {
    await using folder = await scratch();
    const { code, stdout, stderr } = await serac(args, cloud(folder.path, env));
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(said);
  });

  it.each([
    ["a key of the environment", ["--api-key-env", "TEACHER_KEY"], /teacher\.apiKeySecret/],
    ["no teacher", [], /teacher/i],
    [
      "folders of this machine",
      ["--teacher", "http://t.example.com/v1", "--model", "m", "--set", "environment.mounts=[/opt]"],
      /environment\.mounts/,
    ],
  ])("%s", async (_name, flags, said) => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    const runs = (await deployment.platform.store.listRuns()).length;
    const teacherFlags = flags.length > 0 && !flags.includes("--teacher") ? settings() : [];
    const { code, stderr } = await serac(["run", path, "--cloud", ...teacherFlags, ...flags], cloud(folder.path));
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
    expect(await deployment.platform.store.listRuns()).toHaveLength(runs);
  });

  it("a key that may not, one that is unknown, a server that is none, one that is another", async () => {
    await using folder = await scratch();
    const { path } = await repositoryIn(folder.path);
    const reader = await deployment.newKey("runs:read");
    const denied = await serac(["run", path, "--cloud", ...settings()], cloud(folder.path, { SERAC_API_KEY: reader }));
    expect(denied).toMatchObject({ code: 2, stderr: expect.stringContaining("[scope_missing]") });
    const unknown = await serac(["status", "--cloud"], cloud(folder.path, { SERAC_API_KEY: "sk-serac-nothing" }));
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/SERAC_API_KEY[\s\S]*|\[key_refused\]/) });
    expect(unknown.stderr).toContain("[key_refused]");
    const none = await serac(["cancel", "x-20260101-000000-abcd", "--cloud"], cloud(folder.path, { SERAC_API: "http://127.0.0.1:9" }));
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("[api_unreachable]") });
    const other = await serac(["status", "--cloud"], cloud(folder.path, { SERAC_API: teacher.url }));
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("[api_incompatible]") });
  });
});
