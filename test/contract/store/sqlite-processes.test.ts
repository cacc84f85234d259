import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryHome } from "./sqlite-home.ts";
import { runRecord, sampleRecord } from "./sample-data.ts";

interface Child {
  readonly lines: string[];
  /** Resolves when that many lines were printed. */
  printed(count: number): Promise<void>;
  kill(): void;
  readonly ended: Promise<number | null>;
}

function start(script: string, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  return {
    lines,
    printed: async (count) => {
      while (lines.length < count) await once(child.stdout, "data");
    },
    kill: () => child.kill("SIGKILL"),
    ended: once(child, "close").then(([code]) => (typeof code === "number" ? code : null)),
  };
}

test("four processes share a home, one is killed: every sample once, every total exact", async () => {
  const samples = Array.from({ length: 600 }, (_, i) => sampleRecord(i));
  const home = temporaryHome();
  try {
    await home.store.createRun(runRecord());
    await home.store.addSamples(samples);
    await home.queue.enqueue(
      "run1",
      samples.map(({ id }) => ({ id, body: id })),
    );
    const children = ["w1", "w2", "w3", "w4"].map((owner) => start("home-worker.ts", home.path, "run1", owner));
    // Whichever starts first dies first, with most of the work ahead.
    const victim = await Promise.race(children.map((child) => child.printed(5).then(() => child)));
    victim.kill();
    const codes = await Promise.all(children.map((child) => child.ended));
    expect(codes.filter((code) => code === null)).toHaveLength(1);
    expect(codes.filter((code) => code === 0)).toHaveLength(3);

    const finished = children.flatMap((child) => child.lines);
    expect(new Set(finished).size).toBe(finished.length);
    expect(await home.store.countSamples("run1")).toEqual([{ state: "accepted", reason: null, samples: 600 }]);
    expect(await home.store.spend("run1")).toMatchObject({
      settledMicroUsd: 4200,
      settledCalls: 600,
      reservedMicroUsd: 0,
      reservedCalls: 0,
      usage: { inputTokens: 1800, cachedInputTokens: 600, outputTokens: 1200 },
    });
    for (const sample of samples) expect(await home.journal.read(sample.id)).toHaveLength(1);
    expect(await home.queue.depth("run1")).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
  } finally {
    await home.close();
  }
});

test("budgets hold across processes: of forty reservations at once exactly those that fit succeed", async () => {
  const home = temporaryHome();
  try {
    await home.store.createRun(runRecord());
    await home.store.setBudget("run1", 1005);
    const children = ["a", "b", "c", "d"].map((owner) => start("budget-worker.ts", home.path, "run1", owner));
    await Promise.all(children.map((child) => child.ended));
    const outcomes = children.flatMap((child) => child.lines);
    expect(outcomes).toHaveLength(40);
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === "budget_exhausted")).toHaveLength(20);
    expect(await home.store.spend("run1")).toMatchObject({ reservedMicroUsd: 1000, reservedCalls: 20 });
  } finally {
    await home.close();
  }
});

test.each([20, 45, 90])("an entry that was acknowledged survives kill -9 of its writer (after %i)", async (count) => {
  const home = temporaryHome();
  try {
    const writer = start("journal-writer.ts", home.path);
    await writer.printed(count);
    writer.kill();
    await writer.ended;
    const entries = await home.journal.read("a");
    expect(entries.length).toBeGreaterThan(Number(writer.lines.at(-1)));
    expect(entries.map((entry) => (entry.type === "requery" ? entry.content : null))).toEqual(entries.map((_, n) => `a${n}`));
    expect((await home.journal.read("b")).length).toBe(entries.length);
  } finally {
    await home.close();
  }
});
