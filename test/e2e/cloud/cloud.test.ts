import { join } from "node:path";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, processAt } from "../../cloud/caller.ts";
import { startCloud, TEACHER_KEY, type Cloud, type Watcher } from "./cloud.ts";
import { archiveOf, keysBelow, put, reported, reportOf, settled, textAt, until } from "./drops.ts";
import { logLinesOf } from "./logs.ts";
import { outsidePolicy, reasonFor, unusedPermissions } from "./privilege.ts";
import { configFor, openApi, samplesOf, storeOf } from "./runs.ts";

const PARCELS = archiveOf(join(import.meta.dirname, "../../examples/parcels"));

/** Machines are bubblewrap's, and the processes to kill are found by what Linux says of them. */
const isLinux = process.platform === "linux";

/** They go on in two minutes, all together; a machine that has ten other things to do needs several times as long. */
const PATIENCE_MS = 15 * 60_000;

let cloud: Cloud;
beforeAll(async () => {
  if (isLinux) cloud = await startCloud();
});
afterAll(async () => {
  await cloud?.stop();
});

async function drop(name: string, config: object): Promise<void> {
  await put(cloud, `drops/${name}/serac.yaml`, JSON.stringify(config));
  await put(cloud, `drops/${name}/repo.tar.gz`, PARCELS);
}

/** Ends the process that made a call, as when Lambda takes its machine away. */
async function kill(connection: Connection): Promise<void> {
  const pid = await processAt(connection);
  if (pid !== null) process.kill(pid, "SIGKILL");
}

// They share the account, as runs do.
describe.skipIf(!isLinux).concurrent("a deployment", { timeout: PATIENCE_MS }, () => {
  test("a repository that is dropped becomes a dataset, also when a worker is killed in the midst of a rollout", async () => {
    const teacher = await cloud.newTeacher();
    let killed: string | null = null;
    const watcher: Watcher = {
      onAnswer: async (name, { method, path, connection }) => {
        // The entry is written, and the worker never hears of it.
        const [, sample] = /\/rollouts\/(killed-[^/]+-s000002)-first1\/journal\/000005\.json/.exec(path) ?? [];
        if (name !== "worker" || method !== "PUT" || sample === undefined || killed !== null) return;
        killed = sample;
        await kill(connection);
      },
    };
    cloud.watchers.add(watcher);
    await drop("killed", configFor(teacher.url, { plan: { samples: 6 } }));
    const { run, message } = await settled(cloud, "killed");
    cloud.watchers.delete(watcher);

    expect(message).toContain("is finished: 6 of 6 samples are done");
    expect(killed).not.toBeNull();
    const store = storeOf(cloud);
    const samples = await samplesOf(store, run!.id);
    expect(samples).toHaveLength(6);
    expect(samples.filter(({ state }) => state === "accepted").length).toBeGreaterThan(0);
    expect(samples.filter(({ state, reason }) => state === "failed" || reason === "internal")).toEqual([]);

    const spend = await store.spend(run!.id);
    const ledger = teacher.stats();
    expect({ calls: spend.settledCalls, cost: spend.settledMicroUsd, held: spend.reservedMicroUsd }).toEqual({
      calls: ledger.paidCalls,
      cost: ledger.costMicroUsd,
      held: 0,
    });
    expect(ledger).toMatchObject({ repeatedKeys: 0, conflictingKeys: 0 });

    const folder = `datasets/${run!.id}`;
    expect(run!.dataset).toBe(`s3://${cloud.names.bucket}/${folder}/`);
    expect(await keysBelow(cloud, `${folder}/`)).toEqual([
      `${folder}/README.md`,
      `${folder}/dataset.json`,
      `${folder}/recipes/axolotl.yaml`,
      `${folder}/recipes/dataset_info.json`,
      `${folder}/recipes/llama-factory.yaml`,
      `${folder}/recipes/trl.jinja`,
      `${folder}/recipes/trl.yaml`,
      `${folder}/t1/train-00000.jsonl`,
      `${folder}/t1/train-00000.parquet`,
      `${folder}/t2/train-00000.jsonl`,
      `${folder}/t2/train-00000.parquet`,
    ]);
    const rows = (await textAt(cloud, `${folder}/t2/train-00000.jsonl`))!.trim().split("\n");
    expect(rows).toHaveLength(samples.filter(({ state }) => state === "accepted").length);
    expect(JSON.parse(rows[0]!)).toHaveProperty("messages");
  });

  test("a sample that every worker dies on becomes a dead letter, and its failure; the others go on", async () => {
    const teacher = await cloud.newTeacher();
    let deaths = 0;
    const watcher: Watcher = {
      mayPass: async (name, { headers, bodyHead, connection }) => {
        const isPoison = bodyHead.includes("#samples#0") && bodyHead.includes("run#poisoned-") && bodyHead.includes('"000000001"');
        if (name !== "worker" || !String(headers["x-amz-target"]).endsWith(".UpdateItem") || !isPoison) return true;
        deaths += 1;
        await kill(connection);
        return false;
      },
    };
    cloud.watchers.add(watcher);
    await drop("poisoned", configFor(teacher.url, { plan: { samples: 3 } }));
    const { run, message } = await settled(cloud, "poisoned");
    cloud.watchers.delete(watcher);
    expect(message).toContain("is finished: 3 of 3 samples are done");

    expect(deaths).toBeGreaterThanOrEqual(5);
    const samples = await samplesOf(storeOf(cloud), run!.id);
    expect(samples.map(({ state }) => state === "failed")).toEqual([false, true, false]);
    expect(samples[1]).toMatchObject({ reason: "internal", firstRolloutId: null });
    const buried = await logLinesOf(cloud, "Bury");
    expect(buried).toContainEqual(expect.objectContaining({ queue: "work", outcome: "sample failed" }));
  });

  test("through the API: an archive goes up, the run stops at its budget, goes on, and its dataset comes down", async () => {
    const teacher = await cloud.newTeacher();
    const api = await openApi(cloud);
    const upload = await api.createUpload({ bytes: PARCELS.length, format: "tar.gz" });
    const signal = AbortSignal.timeout(60_000);
    await api.upload({ ...upload, bytes: PARCELS.length, open: () => oneChunk(PARCELS), onProgress: () => {}, signal });
    const config = configFor(teacher.url, { plan: { samples: 3 }, budget: { usd: 0.02 } });
    const started = await api.startRun({ config, name: "frugal", uploadId: upload.uploadId }, "frugal-1");
    expect((await api.startRun({ config, name: "frugal", uploadId: upload.uploadId }, "frugal-1")).runId).toBe(started.runId);

    const resting = () =>
      until(async () => {
        const run = await api.run(started.runId);
        return run.state === "preparing" || run.state === "running" ? null : run;
      });
    const paused = await resting();
    expect(paused.detail).toContain("budget");
    expect(paused.spend.settledMicroUsd).toBeLessThanOrEqual(20_000);

    await api.resumeRun(started.runId, { budgetUsd: null });
    const finished = await resting();
    expect(finished).toMatchObject({ state: "finished", planned: 3, done: 3 });
    expect(finished.spend.settledMicroUsd).toBe(teacher.stats().costMicroUsd);
    expect((await api.listRuns({ limit: 100 })).runs.map(({ runId }) => runId)).toContain(started.runId);
    const { samples } = await api.listSamples(started.runId, { limit: 100 });
    expect(samples).toHaveLength(3);

    // A finish that came twice may put the same dataset there again, and the API says so meanwhile.
    const { files } = await until(() => api.dataset(started.runId).catch(unlessWrittenAnew));
    expect(files.map(({ path }) => path)).toContain("t1/train-00000.jsonl");
    const card = files.at(-1)!;
    const response = await fetch(card.url);
    expect(await response.text()).toContain("rehearsal");
  });

  test("a run that is cancelled stops for good, and its drop says so", async () => {
    const teacher = await cloud.newTeacher();
    const api = await openApi(cloud);
    await drop("regretted", configFor(teacher.url, { plan: { samples: 12 } }));
    const { run } = await reported(cloud, "regretted", ({ state }) => state === "running");
    await until(() => Promise.resolve(teacher.stats().paidCalls > 0));
    // It takes the pulse of a run that goes on, and leaves it alone.
    await reap();
    expect(await api.cancelRun(run!.id)).toMatchObject({ state: "cancelled" });
    expect(await reported(cloud, "regretted", ({ state }) => state === "cancelled")).toMatchObject({ run: { id: run!.id } });
    await expect(api.resumeRun(run!.id, {})).rejects.toMatchObject({ code: "run_not_resumable" });
    // No machine of it is left.
    await until(() => Promise.resolve(cloud.machines.running().every(({ image }) => !image.name.includes(run!.id))));
  });

  test("a run without its secret says so, and goes on once the secret is there", async () => {
    const teacher = await cloud.newTeacher();
    const usable = configFor(teacher.url, { plan: { samples: 1 } });
    await drop("keyless", { ...usable, teacher: { ...usable.teacher, apiKeySecret: "serac/later" } });
    const { run, message } = await settled(cloud, "keyless");
    expect(message).toContain("There is no secret serac/later");
    expect(teacher.stats().paidCalls).toBe(0);
    await cloud.clients.secrets.send(new CreateSecretCommand({ Name: "serac/later", SecretString: TEACHER_KEY }));
    await (await openApi(cloud)).resumeRun(run!.id, {});
    expect(await settled(cloud, "keyless")).toMatchObject({ state: "finished", run: { id: run!.id, done: 1 } });
  });

  test("a file that lies in no drop is told where to go", async () => {
    await put(cloud, "drops/repo.tar.gz", PARCELS);
    const told = await until(() => textAt(cloud, "drops/result.json"));
    expect(JSON.parse(told)).toMatchObject({ state: "refused", message: "drops/repo.tar.gz lies in no folder of its own." });
  });

  test.each([
    { name: "unreadable", config: "teacher: [", archive: PARCELS, says: "config_invalid" },
    { name: "mistaken", config: '{"teacher": {"baseUrl": "http://x/v1", "modle": "m"}}', archive: PARCELS, says: "config_invalid" },
    { name: "unpacked", config: null, archive: Buffer.from("no archive at all"), says: "no archive that is known here" },
  ])("a drop that cannot be used says why: $name", async ({ name, config, archive, says }) => {
    await put(cloud, `drops/${name}/repo.tar.gz`, archive);
    expect(await reported(cloud, name, ({ state }) => state === "waiting")).toMatchObject({ run: null });
    await put(cloud, `drops/${name}/serac.yaml`, config ?? JSON.stringify(configFor((await cloud.newTeacher()).url)));
    const report = await settled(cloud, name);
    expect(`${report.code} ${report.message}`).toContain(says);
  });
});

async function reap(): Promise<void> {
  const { FunctionError, Payload } = await cloud.clients.lambda.send(new InvokeCommand({ FunctionName: cloud.forge["reaperName"]! }));
  expect(FunctionError, Buffer.from(Payload ?? []).toString()).toBeUndefined();
}

describe.skipIf(!isLinux)("afterwards", () => {
  test("the reaper finds nothing that was left behind", async () => {
    await reap();
    const report = (await logLinesOf(cloud, "Reaper")).at(-1);
    expect(report).toMatchObject({ outcome: "done", revived: 0, runsFailed: 0 });
    expect(cloud.machines.running()).toEqual([]);
    expect(cloud.machines.violations).toEqual([]);
    expect((await reportOf(cloud, "killed"))?.state).toBe("finished");
  });

  test("every call was allowed by the policy of the function's own role", async () => {
    const outside = await outsidePolicy(cloud);
    expect(outside).toEqual([]);
  });

  test("permissions that no call needed are known, each with its reason", async () => {
    const unused = await unusedPermissions(cloud);
    expect(unused.filter((permission) => reasonFor(permission) === null)).toEqual([]);
  });

  test("the logs have one line a task, and neither key nor content", async () => {
    const lines = await logLinesOf(cloud, "Worker");
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines)
      expect(line).toMatchObject({ function: "worker", requestId: expect.any(String), durationMs: expect.any(Number) });
    const text = JSON.stringify(
      await Promise.all(["Intake", "Prepare", "Worker", "Finish", "Bury", "Reaper", "Control"].map((name) => logLinesOf(cloud, name))),
    );
    expect(text).not.toContain(TEACHER_KEY);
    expect(text).not.toContain("class Parcel");
  });
});

function unlessWrittenAnew(error: unknown): null {
  if (error instanceof Error && error.message.endsWith("is being written anew.")) return null;
  throw error;
}

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
