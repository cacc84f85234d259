import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_RECEIVES } from "../../../core/svg/queue.ts";
import type { ReceivedTask, TaskQueue } from "../../../core/svg/queue.ts";
import { manualClock } from "../store/manual-clock.ts";
import type { ManualClock } from "../store/manual-clock.ts";

export interface QueueUnderTest {
  readonly queue: TaskQueue;
  /** Time passes for the queue, where its time is not that of the clock. */
  pass?(ms: number): Promise<void>;
  close(): Promise<void>;
}

export const tasks = (...names: readonly string[]) => names.map((id) => ({ id, body: `body of ${id}` }));

/** What every TaskQueue must do. Times are whole seconds, as SQS has no others. */
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

    const pass = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await tested.pass?.(ms);
    };

    /** All that can be received now, by id. */
    const takeAll = async (): Promise<readonly ReceivedTask[]> => {
      const taken: ReceivedTask[] = [];
      for (;;) {
        const some = await queue.receive("work", 2, 1000);
        expect(some.length).toBeLessThanOrEqual(2);
        if (some.length === 0) return taken.toSorted((a, b) => (a.id < b.id ? -1 : 1));
        taken.push(...some);
      }
    };
    const ids = async (): Promise<string[]> => (await takeAll()).map((task) => task.id);

    test("each task comes to one receiver, and not from other queues", async () => {
      await queue.enqueue("work", tasks("a", "b", "c"));
      await queue.enqueue("finish", tasks("x"));
      expect(await queue.depth("work")).toEqual({ waiting: 3, inFlight: 0, dead: 0 });
      const taken = await Promise.all([takeAll(), takeAll()]);
      expect(
        taken
          .flat()
          .map((task) => `${task.queue} ${task.id} ${task.body} ${task.receives}`)
          .toSorted(),
      ).toEqual(["work a body of a 1", "work b body of b 1", "work c body of c 1"]);
      expect(await ids()).toEqual([]);
      expect(await queue.depth("work")).toEqual({ waiting: 0, inFlight: 3, dead: 0 });
      expect(await queue.depth("finish")).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
    });

    test("many tasks at once all come", async () => {
      const names = Array.from({ length: 137 }, (_, i) => `t${String(i).padStart(3, "0")}`);
      await queue.enqueue("work", tasks(...names));
      await queue.enqueue("work", []);
      expect(await ids()).toEqual(names);
    });

    test("an acknowledged task is gone, an unacknowledged one comes again with a new receipt", async () => {
      await queue.enqueue("work", tasks("a", "b"));
      const [a, b] = await takeAll();
      await queue.acknowledge(a!);
      await pass(1000);
      const [again, ...more] = await takeAll();
      expect(more).toEqual([]);
      expect(again).toMatchObject({ id: "b", body: "body of b", receives: 2 });
      expect(again?.receipt).not.toBe(b?.receipt);
      expect(await queue.extend(again!, 1000)).toBe(true);
      await queue.acknowledge(again!);
      await queue.acknowledge(again!);
      expect(await queue.depth("work")).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
      expect(await queue.extend(a!, 1000)).toBe(false);
      await queue.retry(a!, 0);
      expect(await ids()).toEqual([]);
    });

    test("extending keeps a task hidden", async () => {
      await queue.enqueue("work", tasks("a"));
      const [task] = await queue.receive("work", 1, 2000);
      await pass(1000);
      expect(await queue.extend(task!, 3000)).toBe(true);
      await pass(2000);
      expect(await ids()).toEqual([]);
      await pass(1000);
      expect(await ids()).toEqual(["a"]);
    });

    test("a delayed or retried task waits for its time", async () => {
      await queue.enqueue("work", [{ id: "late", body: "late", delayMs: 2000 }]);
      expect(await ids()).toEqual([]);
      await pass(1000);
      expect(await ids()).toEqual([]);
      expect(await queue.depth("work")).toEqual({ waiting: 1, inFlight: 0, dead: 0 });
      await pass(1000);
      const [task] = await queue.receive("work", 1, 1000);
      await queue.retry(task!, 3000);
      await pass(2000);
      expect(await ids()).toEqual([]);
      await pass(1000);
      const [again] = await queue.receive("work", 1, 9000);
      await queue.retry(again!, 0);
      expect(await ids()).toEqual(["late"]);
    });

    test("a task in flight can be enqueued anew and outlives the acknowledgement of the old one", async () => {
      await queue.enqueue("work", tasks("a"));
      const [task] = await queue.receive("work", 1, 1000);
      await queue.enqueue("work", [{ id: "a", body: "continued" }]);
      await queue.acknowledge(task!);
      expect(await takeAll()).toMatchObject([{ id: "a", body: "continued", receives: 1 }]);
    });

    test("a task whose time ran out can be enqueued anew, too, before it is acknowledged late", async () => {
      await queue.enqueue("work", tasks("a"));
      const [task] = await queue.receive("work", 1, 1000);
      await pass(1000);
      await queue.enqueue("work", tasks("a"));
      await queue.acknowledge(task!);
      // Twice, where the late acknowledgement is not heard.
      expect(new Set(await ids())).toEqual(new Set(["a"]));
    });

    test(`a task received ${MAX_RECEIVES} times is dead, and can be enqueued anew`, async () => {
      await queue.enqueue("work", tasks("bad"));
      for (let i = 0; i < MAX_RECEIVES; i++) {
        const [bad] = await queue.receive("work", 1, 1000);
        expect(bad).toMatchObject({ id: "bad", receives: i + 1 });
        expect(await queue.deadLetters("work")).toEqual([]);
        if (i % 2 === 0) await queue.retry(bad!, 0);
        else await pass(1000);
      }
      await queue.enqueue("work", tasks("good"));
      expect(await ids()).toEqual(["good"]);
      expect(await queue.deadLetters("work")).toMatchObject([{ queue: "work", id: "bad", body: "body of bad" }]);
      expect(await queue.deadLetters("work")).toHaveLength(1);
      expect(await queue.depth("work")).toEqual({ waiting: 0, inFlight: 1, dead: 1 });
      await queue.enqueue("work", tasks("bad"));
      expect(await ids()).toEqual(["bad"]);
    });

    test("more dead letters than one answer holds are all seen, and stay", async () => {
      const names = Array.from({ length: 23 }, (_, i) => `t${String(i).padStart(2, "0")}`);
      await queue.enqueue("work", tasks(...names));
      for (let i = 0; i < MAX_RECEIVES; i++) {
        expect(await ids()).toEqual(names);
        await pass(1000);
      }
      expect(await ids()).toEqual([]);
      for (let look = 0; look < 2; look++) {
        expect((await queue.deadLetters("work")).map((task) => task.id).toSorted()).toEqual(names);
      }
    });

    test("purging removes every task of one queue", async () => {
      await queue.enqueue("work", tasks("a", "b"));
      await queue.enqueue("finish", tasks("x"));
      await queue.receive("work", 1, 1000);
      await queue.purge("work");
      expect(await queue.depth("work")).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
      expect(await queue.depth("finish")).toMatchObject({ waiting: 1 });
    });
  });
}
