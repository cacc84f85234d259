import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCallTable, type CallTable, type CallTableOptions } from "../../../../drivers/tool-server/call-table.ts";

const ROOMY: CallTableOptions = { maxRunning: 8, maxKept: 8, maxKeptBytes: 10_000, maxCalls: 100 };
const request = (text: string): Buffer => Buffer.from(text);
const answering = (text: string) => async (): Promise<Buffer> => Buffer.from(text);
const look = async (table: CallTable, id: string): Promise<string> => {
  const state = await table.look(id, 0);
  return state.is === "finished" ? state.result.toString() : state.is;
};

describe("the calls of a server", () => {
  test("do their work once, in whatever order requests, repeats, acknowledgements and ends of work come", async () => {
    type Step = { readonly do: "start" | "forget" | "abort" | "finish" | "look"; readonly id: number };
    const step: fc.Arbitrary<Step> = fc.record({
      do: fc.constantFrom("start" as const, "forget" as const, "abort" as const, "finish" as const, "look" as const),
      id: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const table = createCallTable(ROOMY);
        const begun = new Map<number, number>();
        const finish = new Map<number, () => void>();
        const seen = new Set<string>();
        for (const { do: what, id } of steps) {
          if (what === "start") {
            table.start(`${id}`, request(`r${id}`), () => {
              begun.set(id, (begun.get(id) ?? 0) + 1);
              return new Promise((resolve) => finish.set(id, () => resolve(Buffer.from(`a${id}`))));
            });
          } else if (what === "forget") table.forget([`${id}`]);
          else if (what === "abort") await table.abort(`${id}`, 0);
          else if (what === "finish") finish.get(id)?.();
          else seen.add(`${id} ${await look(table, `${id}`)}`);
        }
        expect([...begun.values()].every((times) => times === 1)).toBe(true);
        expect([...seen].filter((state) => !/^(\d) (unknown|running|forgotten|a\1)$/.test(state))).toEqual([]);
      }),
    );
  });

  test("tell a repeat from another request under the same id", async () => {
    const table = createCallTable(ROOMY);
    expect(table.start("a", request("one"), answering("1"))).toBe("started");
    expect(table.start("a", request("one"), answering("never"))).toBe("known");
    expect(table.start("a", request("two"), answering("never"))).toBe("other");
    expect(await table.look("a", 1_000)).toEqual({ is: "finished", result: Buffer.from("1") });
  });

  test("let results go when they have arrived, or when there are too many", async () => {
    const table = createCallTable({ ...ROOMY, maxKept: 2, maxKeptBytes: 10 });
    for (const id of ["a", "b", "c"]) {
      table.start(id, request(id), answering(id));
      await table.look(id, 1_000);
    }
    expect(await Promise.all(["a", "b", "c"].map((id) => look(table, id)))).toEqual(["forgotten", "b", "c"]);
    table.start("d", request("d"), answering("d".repeat(10)));
    await table.look("d", 1_000);
    expect(await Promise.all(["b", "c", "d"].map((id) => look(table, id)))).toEqual(["forgotten", "forgotten", "d".repeat(10)]);
    table.forget(["d", "unknown"]);
    expect(await look(table, "d")).toBe("forgotten");
  });

  test("that nobody waits for any more keep no result", async () => {
    const table = createCallTable(ROOMY);
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    table.start("a", request("a"), () => promise);
    table.forget(["a"]);
    resolve(Buffer.from("late"));
    expect((await table.look("a", 1_000)).is).toBe("forgotten");
  });

  test("are bounded: at once, and in a lifetime", async () => {
    const table = createCallTable({ ...ROOMY, maxRunning: 1, maxCalls: 2 });
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    expect(table.start("a", request("a"), () => promise)).toBe("started");
    expect(table.start("b", request("b"), answering("b"))).toBe("full");
    resolve(Buffer.from("a"));
    await table.look("a", 1_000);
    expect(table.start("b", request("b"), answering("b"))).toBe("started");
    await table.look("b", 1_000);
    expect(table.start("c", request("c"), answering("c"))).toBe("full");
  });

  test("are told when they are ended", async () => {
    const table = createCallTable(ROOMY);
    const work = (signal: AbortSignal): Promise<Buffer> =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve(Buffer.from("ended"))));
    table.start("a", request("a"), work);
    await table.abort("a", 1_000);
    expect(await look(table, "a")).toBe("ended");
    table.start("b", request("b"), work);
    table.close();
    expect((await table.look("b", 1_000)).is).toBe("finished");
  });
});
