import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { handleDrop } from "../../../core/control/drops.ts";
import { dropResultSchema, type DropResult } from "../../../core/control/drops/result.ts";
import { finishTask } from "../../../core/control/finish.ts";
import { readFinishMessage, readPrepareMessage } from "../../../core/control/messages.ts";
import type { ControlPlatform, Workshop } from "../../../core/control/platform.ts";
import { prepareTask } from "../../../core/control/prepare.ts";
import { workTask } from "../../../core/control/work.ts";
import { CLOUD_QUEUES } from "../../../core/config/cloud/names.ts";
import { exportRun } from "../../../core/dataset/index.ts";
import { systemClock } from "../../../core/errors/clock.ts";
import type { ReceivedTask } from "../../../core/svg/queue.ts";
import { createArchives, packRepository } from "../../../drivers/archive/index.ts";
import { openDatasetFolder } from "../../../drivers/dataset-folder/index.ts";
import { openRepository } from "../../../drivers/git/index.ts";
import { createOpenAiTeacher } from "../../../drivers/openai/index.ts";
import { startRehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { createVirtualBashProvider } from "../../../drivers/virtual-bash/index.ts";
import { mortal } from "./support/mortal.ts";
import { configOf, controlPlace } from "./support/place.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const LEASE_MS = 600;
const VISIBLE_MS = 2_000;
const PRICE = { input: 2, output: 8 };
const SAMPLES = 6;

test("a dropped archive becomes a dataset, by functions that have little time and die", { timeout: 120_000 }, async () => {
  await using place = await controlPlace(systemClock);
  const folder = temporaryFolder();
  const rehearsal = await startRehearsalTeacher({ seed: 7, latencyMs: 15, price: PRICE });
  const shell = createVirtualBashProvider({ threads: 2 });
  const settings = { teacher: { baseUrl: rehearsal.url, model: rehearsal.model, price: PRICE }, plan: { samples: SAMPLES } };
  const teacher = createOpenAiTeacher({ config: configOf(settings).teacher! });
  const { platform } = place;
  const workshop: Workshop = {
    ...place.workshop,
    archives: createArchives({ artifacts: platform.artifacts, folder: join(folder, "unpacked") }),
    teacher: () => Promise.resolve(teacher),
    sandbox: () =>
      Promise.resolve({ ...shell, prepare: (request) => shell.prepare({ ...request, directory: join(folder, request.directory) }) }),
    exportDataset: async (runId, signal) => {
      const sink = await openDatasetFolder(join(folder, "datasets", runId));
      return exportRun(platform, runId, { format: "hermes", sink, version: "test" }, { signal });
    },
  };
  try {
    await cp(join(import.meta.dirname, "../../examples/parcels"), join(folder, "parcels"), { recursive: true });
    const repository = await openRepository(join(folder, "parcels"));
    await platform.artifacts.put("drops/parcels/repo.tar.gz", packRepository(repository));
    await handleDrop(platform, "parcels");
    await place.put("drops/parcels/serac.yaml", JSON.stringify(settings));
    await handleDrop(platform, "parcels");

    const seen = new Set<string>();
    const look = async (): Promise<DropResult> => {
      const result = dropResultSchema.parse(await place.result("parcels"));
      seen.add(result.state);
      return result;
    };
    await look();
    const { deliveries, deaths } = await workUntil(platform, workshop, async () => (await look()).state === "finished");

    const result = await look();
    const runId = result.run!.id;
    expect(result.run).toMatchObject({ planned: SAMPLES, done: SAMPLES, state: "finished" });
    expect(await place.run(runId)).toMatchObject({ rehearsal: true, sandbox: expect.anything() });
    expect([...seen]).toEqual(["accepted", "running", "finished"]);
    expect(deaths).toBeGreaterThan(0);
    // Each rollout alone makes more calls than one task has time for.
    expect(deliveries).toBeGreaterThan(3 * SAMPLES);
    const spend = await platform.store.spend(runId);
    const bill = rehearsal.stats();
    expect(bill.conflictingKeys).toBe(0);
    expect(spend).toMatchObject({ settledMicroUsd: bill.costMicroUsd, settledCalls: bill.paidCalls, reservedCalls: 0 });
    expect(await readFile(join(result.run!.dataset!, "README.md"), "utf8")).toContain("rehearsal");
  } finally {
    await Promise.all([rehearsal.close(), shell.close(), teacher.close()]);
    await removeFolder(folder);
  }
});

/** Four functions at a time, each with a few hundred milliseconds; now and then one dies at some call. */
async function workUntil(platform: ControlPlatform, workshop: Workshop, isDone: () => Promise<boolean>) {
  let deliveries = 0;
  let deaths = 0;
  let isOver = false;
  const deliver = async (task: ReceivedTask): Promise<void> => {
    deliveries += 1;
    const isDoomed = task.queue === "work" && deliveries % 5 === 0;
    if (isDoomed) deaths += 1;
    const life = mortal(platform, workshop, isDoomed ? 10 + deliveries : Infinity, deliveries % 2 === 0);
    const owner = `function-${deliveries}`;
    const deadlineMs = Date.now() + 300;
    const working = async (): Promise<void> => {
      if (task.queue === "prepare") {
        await prepareTask(life.platform, life.workshop, readPrepareMessage(task.body), {
          deadlineMs: 1,
          signal: AbortSignal.timeout(60_000),
        });
      } else if (task.queue === "finish") {
        await finishTask(life.platform, life.workshop, readFinishMessage(task.body), { signal: AbortSignal.timeout(60_000) });
      } else {
        await workTask(life.platform, life.workshop, task.body, {
          deadlineMs,
          owner,
          signal: AbortSignal.timeout(1_500),
          leaseMs: LEASE_MS,
        });
      }
      await life.platform.queue.acknowledge(task);
    };
    await Promise.race([working(), life.death]);
  };
  const slot = async (): Promise<void> => {
    while (!isOver) {
      const received = await Promise.all(
        CLOUD_QUEUES.map((name) => platform.queue.receive(name, 1, name === "work" ? VISIBLE_MS : 120_000)),
      );
      for (const task of received.flat()) await deliver(task);
      isOver ||= await isDone();
      if (received.flat().length === 0) await systemClock.sleep(50);
    }
  };
  await Promise.all([slot(), slot(), slot(), slot()]);
  return { deliveries, deaths };
}
