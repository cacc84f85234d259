import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { prepareTaskOf, readPrepareMessage } from "../../../core/control/messages.ts";
import { prepareTask } from "../../../core/control/prepare.ts";
import { controlPlace, never, type Place } from "./support/place.ts";

const allowed = { deadlineMs: Infinity, signal: never };
const message = (runId: string, isSecondLook = false) => readPrepareMessage(prepareTaskOf({ runId, isSecondLook }).body);
const prepare = ({ platform, workshop }: Place, runId: string, isSecondLook?: boolean) =>
  prepareTask(platform, workshop, message(runId, isSecondLook), allowed);

/** The base is not made before it is allowed; how many are being made. */
function holdBases({ sandbox }: Place): { readonly go: () => void; begun: number } {
  const gate = Promise.withResolvers<void>();
  const held = { go: gate.resolve, begun: 0 };
  const make = sandbox.prepare.bind(sandbox);
  sandbox.prepare = async (request) => {
    held.begun += 1;
    await gate.promise;
    request.signal?.throwIfAborted();
    return make(request);
  };
  return held;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** Somebody who prepared the run died just now. */
const deadHolder = ({ platform }: Place, runId: string) => platform.store.acquireLease(runId, "died", 60_000);

describe("two tasks that prepare one run", () => {
  test("at once: one does it, the other looks once more and is gone", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    await place.platform.queue.purge("prepare");
    const held = holdBases(place);
    const first = prepare(place, id);
    await until(() => held.begun === 1);
    expect(await prepare(place, id)).toBe("dropped");
    expect(await prepare(place, id, true)).toBe("dropped");
    expect(await place.platform.queue.depth("prepare")).toMatchObject({ waiting: 1 });
    held.go();
    expect(await first).toBe("continue");
    await place.drain();
    expect(held.begun).toBe(1);
    expect(place.sandbox.prepared).toEqual([id]);
    expect((await place.run(id)).state).toBe("finished");
  });

  test("the second goes on when the first has died", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    await place.platform.queue.purge("prepare");
    await deadHolder(place, id);
    expect(await prepare(place, id)).toBe("dropped");
    await place.drain();
    expect((await place.run(id)).state).toBe("finished");
  });

  test("the first stops when the second has taken its place", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    await place.platform.queue.purge("prepare");
    const held = holdBases(place);
    const first = prepare(place, id);
    await until(() => held.begun === 1);
    // It stood still for longer than its lease.
    const { store } = place.platform;
    const renewLease = store.renewLease.bind(store);
    const renewed = Promise.withResolvers<void>();
    store.renewLease = (...request) => renewLease(...request).finally(renewed.resolve);
    const jump = place.clock.advance(61_000);
    const second = store.acquireLease(id, "second", 60_000);
    await Promise.all([jump, second, renewed.promise]);
    await setImmediate();
    held.go();
    expect(await first).toBe("dropped");
    expect(await place.platform.queue.depth("prepare")).toMatchObject({ waiting: 0, inFlight: 0 });
    expect(await place.run(id)).toMatchObject({ state: "preparing", sandbox: null });
  });
});

describe("a repository that one function cannot read in its time", () => {
  test("fails the run with what is to be done, and is not tried again", async () => {
    await using place = await controlPlace();
    const { id } = await place.start();
    const [task] = await place.platform.queue.receive("prepare", 1, 60_000);
    const { archives } = place.workshop;
    const stop = new AbortController();
    let files = 0;
    const endless = {
      ...place.workshop,
      archives: {
        open: async (...request: Parameters<typeof archives.open>) => ({
          ...(await archives.open(...request)),
          async *files() {
            for (; ; files++) {
              if (files === 50) stop.abort(new Error("The function's time is up."));
              const bytes = Buffer.from(`def work_${files}(value):\n    total = value + 1\n    return total\n`);
              yield { path: `src/part_${files}.py`, kind: "file" as const, executable: false, size: bytes.length, read: async () => bytes };
            }
          },
        }),
      },
    };
    const options = { deadlineMs: place.clock.now(), signal: stop.signal };
    await place.clock.advance(1);
    // Teacher, archive and base take the first task's time.
    expect(await prepareTask(place.platform, endless, readPrepareMessage(task!.body), options)).toBe("continue");
    await place.clock.advance(1);
    expect(await prepareTask(place.platform, endless, { ...message(id), isTeacherKnown: true }, options)).toBe("stopped");
    expect(await place.run(id)).toMatchObject({
      state: "failed",
      detail: expect.stringMatching(/^Reading the functions of one takes longer than a function may run\. Leave out /),
    });
  });
});
