import fc from "fast-check";
import { expect, test } from "vitest";
import { createByteQueue } from "../../../../drivers/upstream/byte-queue.ts";

function queue() {
  const log: string[] = [];
  const made = createByteQueue({ pause: () => log.push("pause"), resume: () => log.push("resume"), leave: () => log.push("leave") });
  return { made, log, reader: made[Symbol.asyncIterator]() };
}

test("whatever is pushed and read in whatever order, all bytes arrive in order", async () => {
  const steps = fc.array(fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant("read" as const)), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(steps, async (moves) => {
      const { made, reader } = queue();
      const sent = moves.flatMap((move) => (move === "read" ? [] : [...move]));
      const got: number[] = [];
      let pending: Promise<unknown> = Promise.resolve();
      for (const move of moves) {
        if (move !== "read") made.push(move);
        else {
          await Promise.race([pending, Promise.resolve()]);
          pending = pending.then(async () => {
            const { value, done } = await reader.next();
            if (done !== true) got.push(...value);
          });
        }
      }
      made.end();
      await pending;
      for (let next = await reader.next(); next.done !== true; next = await reader.next()) got.push(...next.value);
      expect(got).toEqual(sent);
    }),
  );
});

test("a sender past the mark is held back once, and let on by the next read", async () => {
  const { made, log, reader } = queue();
  for (let n = 0; n < 5; n++) made.push(new Uint8Array(40_000));
  expect(log).toEqual(["pause"]);
  expect((await reader.next()).value?.byteLength).toBe(200_000);
  expect(log).toEqual(["pause", "resume"]);
});

test("a fault comes after everything that came before it", async () => {
  const { made, reader } = queue();
  made.push(new Uint8Array([1]));
  made.fail(new Error("reset"));
  expect((await reader.next()).value).toEqual(new Uint8Array([1]));
  await expect(reader.next()).rejects.toThrow("reset");
});

test("a reader that leaves says so once, and gets nothing more", async () => {
  const { made, log, reader } = queue();
  made.push(new Uint8Array([1]));
  await reader.return?.();
  await reader.return?.();
  made.push(new Uint8Array([2]));
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  expect(log).toEqual(["leave"]);
});
