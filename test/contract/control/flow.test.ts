import { describe, expect, test } from "vitest";
import { UnfinishedError } from "../../../core/errors/index.ts";
import { planSamples } from "../../../core/plan/samples.ts";
import { linesOf } from "../../../core/svg/pipeline/json-lines.ts";
import { functionsKey } from "../../../core/svg/names.ts";
import type { SourceFunction } from "../../../core/survey/function.ts";
import { prepareTask, type PrepareOutcome } from "../../../core/control/prepare.ts";
import { readPrepareMessage } from "../../../core/control/messages.ts";
import { controlPlace, filesWith, never, type Place } from "./support/place.ts";

/** One task of the queue `prepare`; null when there is none now. */
async function prepareOnce({ platform, workshop, clock }: Place, deadlineMs: number): Promise<PrepareOutcome | null> {
  await clock.advance(1_000);
  const [task] = await platform.queue.receive("prepare", 1, 60_000);
  if (task === undefined) return null;
  const outcome = await prepareTask(platform, workshop, readPrepareMessage(task.body), { deadlineMs, signal: never });
  await platform.queue.acknowledge(task);
  return outcome;
}

describe("a run", () => {
  test("goes from its archive to its dataset", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    expect(await place.run(id)).toMatchObject({ state: "preparing", repository: "one" });
    await place.drain();
    const run = await place.run(id);
    expect(run).toMatchObject({ state: "finished", planned: 3, functions: 1, rehearsal: true, sandbox: null, dataset: `datasets/${id}` });
    const samples = await place.platform.store.listSamples(id, { limit: 10 });
    expect(samples.map(({ state }) => state)).toEqual(["accepted", "accepted", "accepted"]);
    expect(place.exported).toEqual([id]);
    expect(place.sandbox.released).toEqual([id]);
    expect([...place.teacher.answered.values()].every((times) => times === 1)).toBe(true);
    expect(await place.platform.artifacts.exists(`runs/${id}/repository`)).toBe(true);
  });

  test("is prepared in many tasks when each has next to no time, and the plan is the one that a single task makes", async () => {
    await using place = await controlPlace();
    const { id, config, createdAt } = await place.start({ plan: { samples: 2300, perFunction: 8 } }, filesWith(300));
    let tasks = 0;
    for (; (await place.run(id)).planned === 0; tasks++) expect(await prepareOnce(place, 1)).toBe("continue");
    // Base, survey, and 2,300 samples by 500.
    expect(tasks).toBe(7);
    const functions = await linesOf<SourceFunction>(place.platform.artifacts, functionsKey(id));
    expect(functions).toHaveLength(300);
    expect(await place.platform.store.listSamples(id, { limit: 5000 })).toEqual([
      ...planSamples({ functions, config, runId: id, createdAt }),
    ]);
    // As many tasks as the teacher bears.
    expect([await prepareOnce(place, 1), await prepareOnce(place, 1)]).toEqual(["running", null]);
    expect(await place.platform.queue.depth("work")).toMatchObject({ waiting: config.teacher!.concurrency });
  });

  test("waits for a base that is made elsewhere", async () => {
    await using place = await controlPlace();
    let calls = 0;
    const prepare = place.sandbox.prepare.bind(place.sandbox);
    place.sandbox.prepare = (request) => {
      calls += 1;
      expect(request).toMatchObject({ deadlineMs: 5 });
      return calls < 3 ? Promise.reject(new UnfinishedError("unfinished", "The image is not ready.")) : prepare(request);
    };
    const { id } = await place.start();
    expect([await prepareOnce(place, 5), await prepareOnce(place, 5)]).toEqual(["continue", "continue"]);
    expect(await place.run(id)).toMatchObject({ state: "preparing", sandbox: null });
    place.sandbox.prepare = prepare;
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });
});
