import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BaseSnapshot, Sandbox, SandboxProvider } from "../../core/agent/sandbox.ts";
import { createBubblewrapProvider } from "../../drivers/bubblewrap/index.ts";
import { openRepository } from "../../drivers/git/index.ts";
import { descendants } from "../../test/contract/sandbox/processes.ts";
import { pythonSdist } from "../../test/contract/survey/packages.ts";

/**
 * usage: node bench/sandbox/sandbox.ts: times of the bubblewrap sandbox on a tree of the size of SymPy, as JSON lines: making the
 * base, opening, one step (`cd`, `cat`, edit, diff) alone and in 32 sandboxes at once, and what an idle sandbox holds in memory.
 */
const LIMITS = { memoryMb: 4096, processes: 512, diskMb: 2048, fileMb: 1024 };
const OPENINGS = 20;
const STEPS = 100;
const AT_ONCE = 32;
const STEPS_AT_ONCE = 20;
const IDLE = 64;

const root = await pythonSdist("sympy", "1.13.3");
const folder = await mkdtemp(path.join(tmpdir(), "serac-bench-sandbox-"));
const provider = await createBubblewrapProvider({ mounts: [] });
const source = await openRepository(root);
try {
  const started = performance.now();
  const base = await provider.prepare({ source, directory: path.join(folder, "base"), install: [], timeoutMs: 600_000, limits: LIMITS });
  report({ what: "prepare", seconds: (performance.now() - started) / 1000 });
  await openings(base);
  await stepsAlone(base);
  await stepsAtOnce(base);
  await idle(base);
} finally {
  await provider.close();
  await source.close();
  await rm(folder, { recursive: true, force: true });
}

async function openings(base: BaseSnapshot): Promise<void> {
  const opened: number[] = [];
  const closed: number[] = [];
  for (let run = 0; run < OPENINGS; run++) {
    const start = performance.now();
    const sandbox = await provider.open(base, { limits: LIMITS });
    opened.push(performance.now() - start);
    const end = performance.now();
    await sandbox.close();
    closed.push(performance.now() - end);
  }
  report({ what: "open", medianMs: median(opened), closeMedianMs: median(closed) });
}

interface StepTimes {
  readonly commandMs: number;
  readonly editMs: number;
  readonly diffMs: number;
  readonly stepMs: number;
}

/** What an agent does all day: goes somewhere, reads a file, changes one, and the harness takes the diff. */
async function step(sandbox: Sandbox, number: number): Promise<StepTimes> {
  const start = performance.now();
  await sandbox.exec(`cd /testbed/sympy/core && cat numbers.py | head -n 200`, { timeoutMs: 30_000, shell: "session" });
  const read = performance.now();
  const file = `/testbed/sympy/core/${["add", "mul", "power", "expr"][number % 4]}.py`;
  const before = await sandbox.readFile(file, 4_000_000);
  await sandbox.writeFile(file, Buffer.concat([Buffer.from(before ?? []), Buffer.from(`# step ${number}\n`)]));
  const written = performance.now();
  const diff = await sandbox.diff(4_000_000);
  if (diff.length === 0) throw new Error("the edit is not in the diff");
  const end = performance.now();
  return { commandMs: read - start, editMs: written - read, diffMs: end - written, stepMs: end - start };
}

async function stepsAlone(base: BaseSnapshot): Promise<void> {
  const sandbox = await provider.open(base, { limits: LIMITS });
  const times: StepTimes[] = [];
  for (let number = 0; number < STEPS; number++) times.push(await step(sandbox, number));
  const unchanged: number[] = [];
  await sandbox.checkpoint(4_000_000);
  for (let number = 0; number < STEPS; number++) {
    const start = performance.now();
    if (await sandbox.checkpoint(4_000_000)) throw new Error("nothing had changed");
    unchanged.push(performance.now() - start);
  }
  const of = (key: keyof StepTimes): number => median(times.map((time) => time[key]));
  report({
    what: "step",
    medianMs: of("stepMs"),
    p95Ms: round(times.map((time) => time.stepMs).toSorted((a, b) => a - b)[Math.floor(STEPS * 0.95)]!),
    commandMs: of("commandMs"),
    editMs: of("editMs"),
    diffMs: of("diffMs"),
    unchangedCheckpointMs: median(unchanged),
    target: "< 20 ms median",
    peer: "SWE-agent: about 530 ms",
  });
  await sandbox.close();
}

async function stepsAtOnce(base: BaseSnapshot): Promise<void> {
  const sandboxes = await openMany(provider, base, AT_ONCE);
  const start = performance.now();
  await Promise.all(
    sandboxes.map(async (sandbox) => {
      for (let number = 0; number < STEPS_AT_ONCE; number++) await step(sandbox, number);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  report({ what: `${AT_ONCE} at once`, stepsPerSecond: round((AT_ONCE * STEPS_AT_ONCE) / seconds) });
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
}

async function idle(base: BaseSnapshot): Promise<void> {
  const nodeBefore = process.memoryUsage().rss;
  const sandboxes = await openMany(provider, base, IDLE);
  const kilobytes = { Rss: 0, Pss: 0 };
  for (const { pid } of descendants(process.pid)) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    for (const key of ["Rss", "Pss"] as const) kilobytes[key] += Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
  }
  report({
    what: `idle, ${IDLE} open`,
    pssMbEach: round(kilobytes.Pss / 1024 / IDLE),
    rssMbEach: round(kilobytes.Rss / 1024 / IDLE),
    nodeMbEach: round((process.memoryUsage().rss - nodeBefore) / 1_048_576 / IDLE),
    openFilesEach: round(readdirSync("/proc/self/fd").length / IDLE),
    target: "< 10 MB",
  });
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
}

async function openMany(from: SandboxProvider, base: BaseSnapshot, count: number): Promise<Sandbox[]> {
  return await Promise.all(Array.from({ length: count }, () => from.open(base, { limits: LIMITS })));
}

function median(values: readonly number[]): number {
  return round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function report(figures: Record<string, unknown>): void {
  console.log(JSON.stringify({ bench: "sandbox", ...figures }));
}
