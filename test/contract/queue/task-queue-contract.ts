import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_RECEIVES } from "../../../core/svg/queue.ts";
import type { TaskQueue } from "../../../core/svg/queue.ts";
import { manualClock } from "../store/manual-clock.ts";
import type { ManualClock } from "../store/manual-clock.ts";

export interface QueueUnderTest {
  readonly queue: TaskQueue;
  close(): Promise<void>;
}

const tasks = (...names: readonly string[]) => names.map((id) => ({ id, body: `body of ${id}` }));

/** What every TaskQueue must do. */
export function taskQueueContract(name: string, open: (clock: ManualClock) => Promise<QueueUnderTest>): void {
  describe(`${name}: TaskQueue`, () => {
    let clock: ManualClock;
    let tested: QueueUnderTest;
    let queue: TaskQueue;

    beforeEach(async () => {
      clock = manualClock();
      tested = await open(clock);
      queue = tested.queue;
    });
    afterEach(() => tested.close());

    const ids = async (max: number) => (await queue.receive("q", max, 1000)).map((task) => task.id);

    test("tasks come oldest first, each to one receiver, and not from other queues", async () => {
      await queue.enqueue("q", tasks("a", "b", "c"));
      await queue.enqueue("other", tasks("x"));
      expect(await ids(2)).toEqual(["a", "b"]);
      expect(await ids(2)).toEqual(["c"]);
      expect(await ids(2)).toEqual([]);
      expect(await queue.depth("q")).toEqual({ waiting: 0, inFlight: 3, dead: 0 });
      expect(await queue.depth("other")).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
    });

    test("an acknowledged task is gone, an unacknowledged one comes again with a new receipt", async () => {
      await queue.enqueue("q", tasks("a", "b"));
      const [a, b] = await queue.receive("q", 2, 1000);
      await queue.acknowledge(a!);
      clock.advance(1000);
      const [again] = await queue.receive("q", 2, 1000);
      expect(again).toMatchObject({ id: "b", body: "body of b", receives: 2 });
      expect(again?.receipt).not.toBe(b?.receipt);
      await queue.acknowledge(b!);
      expect(await queue.depth("q")).toEqual({ waiting: 0, inFlight: 1, dead: 0 });
      expect(await queue.extend(b!, 1000)).toBe(false);
      expect(await queue.extend(again!, 1000)).toBe(true);
    });

    test("extending keeps a task hidden", async () => {
      await queue.enqueue("q", tasks("a"));
      const [task] = await queue.receive("q", 1, 1000);
      clock.advance(900);
      expect(await queue.extend(task!, 1000)).toBe(true);
      clock.advance(900);
      expect(await ids(1)).toEqual([]);
      clock.advance(100);
      expect(await ids(1)).toEqual(["a"]);
    });

    test("a delayed or retried task waits for its time", async () => {
      await queue.enqueue("q", [{ id: "late", body: "", delayMs: 500 }]);
      expect(await ids(1)).toEqual([]);
      clock.advance(500);
      const [task] = await queue.receive("q", 1, 1000);
      await queue.retry(task!, 300);
      expect(await queue.depth("q")).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
      expect(await ids(1)).toEqual([]);
      clock.advance(300);
      expect(await ids(1)).toEqual(["late"]);
    });

    test("enqueueing twice while it waits makes one task", async () => {
      await queue.enqueue("q", tasks("a", "a"));
      await queue.enqueue("q", tasks("a"));
      expect(await queue.depth("q")).toMatchObject({ waiting: 1 });
    });

    test("a task in flight can be enqueued anew and outlives the acknowledgement of the old one", async () => {
      await queue.enqueue("q", tasks("a"));
      const [task] = await queue.receive("q", 1, 1000);
      await queue.enqueue("q", [{ id: "a", body: "continued" }]);
      await queue.acknowledge(task!);
      expect(await queue.receive("q", 2, 1000)).toMatchObject([{ id: "a", body: "continued", receives: 1 }]);
    });

    test("a task given back beside its new self is one task", async () => {
      await queue.enqueue("q", tasks("a"));
      const [task] = await queue.receive("q", 1, 1000);
      await queue.enqueue("q", tasks("a"));
      await queue.retry(task!, 0);
      expect(await ids(5)).toEqual(["a"]);
    });

    test(`a task received ${MAX_RECEIVES} times is dead, and can be enqueued anew`, async () => {
      await queue.enqueue("q", tasks("bad", "good"));
      for (let i = 0; i < MAX_RECEIVES; i++) {
        const [bad] = await queue.receive("q", 1, 1000);
        expect(bad?.id).toBe("bad");
        expect(await queue.deadLetters("q")).toEqual([]);
        if (i % 2 === 0) await queue.retry(bad!, 0);
        else clock.advance(1000);
      }
      expect(await queue.deadLetters("q")).toMatchObject([{ id: "bad", body: "body of bad", receives: MAX_RECEIVES }]);
      expect(await queue.depth("q")).toEqual({ waiting: 1, inFlight: 0, dead: 1 });
      expect(await ids(5)).toEqual(["good"]);
      await queue.enqueue("q", tasks("bad"));
      expect(await ids(5)).toEqual(["bad"]);
    });

    test("purging removes every task of one queue", async () => {
      await queue.enqueue("q", tasks("a", "b"));
      await queue.enqueue("other", tasks("x"));
      await queue.receive("q", 1, 1000);
      await queue.purge("q");
      expect(await queue.depth("q")).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
      expect(await queue.depth("other")).toMatchObject({ waiting: 1 });
    });
  });
}
