import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_RECEIVES } from "../../../core/svg/queue.ts";
import type { TaskQueue } from "../../../core/svg/queue.ts";
import { manualClock } from "../store/manual-clock.ts";
import type { ManualClock } from "../store/manual-clock.ts";
import { tasks, type QueueUnderTest } from "./task-queue-contract.ts";

/** What a queue on one machine does beyond the port: no core may rely on it. */
export function exactQueueContract(name: string, open: (clock: ManualClock) => Promise<QueueUnderTest>): void {
  describe(`${name}: TaskQueue, exact`, () => {
    let clock: ManualClock;
    let tested: QueueUnderTest;
    let queue: TaskQueue;

    beforeEach(async () => {
      clock = manualClock();
      tested = await open(clock);
      queue = tested.queue;
    });
    afterEach(() => tested.close());

    test("tasks come oldest first", async () => {
      await queue.enqueue("work", tasks("b", "a", "c"));
      expect((await queue.receive("work", 2, 1000)).map((task) => task.id)).toEqual(["b", "a"]);
      expect((await queue.receive("work", 2, 1000)).map((task) => task.id)).toEqual(["c"]);
    });

    test("an old receipt of a task in flight does nothing", async () => {
      await queue.enqueue("work", tasks("b"));
      const [old] = await queue.receive("work", 1, 1000);
      clock.advance(1000);
      const [again] = await queue.receive("work", 1, 1000);
      await queue.acknowledge(old!);
      expect(await queue.depth("work")).toEqual({ waiting: 0, inFlight: 1, dead: 0 });
      expect(await queue.extend(old!, 1000)).toBe(false);
      expect(await queue.extend(again!, 1000)).toBe(true);
    });

    test("a task given back waits, and enqueueing twice while it waits makes one task", async () => {
      await queue.enqueue("work", tasks("a", "a"));
      await queue.enqueue("work", tasks("a"));
      expect(await queue.depth("work")).toMatchObject({ waiting: 1 });
      const [task] = await queue.receive("work", 1, 1000);
      await queue.retry(task!, 1000);
      expect(await queue.depth("work")).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
    });

    test("a task given back beside its new self is one task", async () => {
      await queue.enqueue("work", tasks("a"));
      const [task] = await queue.receive("work", 1, 1000);
      await queue.enqueue("work", tasks("a"));
      await queue.retry(task!, 0);
      expect(await queue.receive("work", 5, 1000)).toMatchObject([{ id: "a" }]);
    });

    test("a task is dead as soon as its last delivery is over", async () => {
      await queue.enqueue("work", tasks("bad", "good"));
      for (let i = 0; i < MAX_RECEIVES; i++) {
        const [bad] = await queue.receive("work", 1, 1000);
        await queue.retry(bad!, 0);
      }
      expect(await queue.deadLetters("work")).toMatchObject([{ id: "bad", receives: MAX_RECEIVES }]);
      expect(await queue.depth("work")).toEqual({ waiting: 1, inFlight: 0, dead: 1 });
    });
  });
}
