import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { runRollout } from "../../core/agent/rollout.ts";
import { configSchema } from "../../core/config/schema.ts";
import { meterOf } from "../../core/svg/meter.ts";
import { createRun } from "../../core/svg/pipeline/index.ts";
import { createBubblewrapProvider } from "../../drivers/bubblewrap/index.ts";
import { openFileArtifacts } from "../../drivers/files/index.ts";
import { openRepository } from "../../drivers/git/index.ts";
import { createOpenAiTeacher } from "../../drivers/openai/index.ts";
import { openHome } from "../../drivers/sqlite/index.ts";

/**
 * N rollouts at once as `serac run` makes them: the real teacher driver, sandbox and journal. Prints one JSON line:
 * steps, seconds of the rollouts alone, and what they add to the memory of this process and of the sandboxes.
 */
const [baseUrl, tree, rollouts, steps] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4]), Number(process.argv[5])];

const folder = await mkdtemp(join(tmpdir(), "serac-bench-"));
const home = openHome(join(folder, "home"));
const config = configSchema.parse({
  teacher: { baseUrl, model: "scripted", concurrency: rollouts },
  rollout: { toolset: "mini", maxCalls: steps + 5 },
});
const clock = { now: () => Date.now(), sleep: (ms: number, signal?: AbortSignal) => setTimeout(ms, undefined, { signal }) };
const limits = { memoryMb: 4096, processes: 512, diskMb: 2048, fileMb: 1024 };
const sandbox = await createBubblewrapProvider({ mounts: [] });
const teacher = createOpenAiTeacher({ config: config.teacher! });
const source = await openRepository(tree, "HEAD");
const artifacts = await openFileArtifacts(join(folder, "artifacts"));
const state = { store: home.store, queue: home.queue, journal: home.journal, artifacts, clock };
const run = await createRun(state, { config, name: "bench", repository: source, demonstrations: [], rehearsal: false });
const base = await sandbox.prepare({ source, directory: join(folder, "base"), install: [], timeoutMs: 60_000, limits });

async function rollout(n: number): Promise<number> {
  const outcome = await runRollout(
    {
      rolloutId: `bench-${n}`,
      toolset: "mini",
      task: { kind: "pull_request", text: "Look around and change something." },
      limits: config.rollout,
      temperature: 0.6,
      price: config.teacher!.price,
      base,
      sandboxLimits: limits,
    },
    { teacher, sandbox, journal: home.journal, clock, meter: meterOf(home.store, run.id) },
  );
  if (outcome.outcome !== "done") throw new Error(`rollout ${n} did not end`);
  if (outcome.trajectory.exitStatus !== "submitted")
    throw new Error(`rollout ${n}: ${outcome.trajectory.exitStatus} ${outcome.trajectory.detail}`);
  return outcome.trajectory.steps.length;
}

/** Proportional memory of all processes below this one, in bytes: what the sandboxes take, shared pages counted once. */
function descendantsRss(root: number): number {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(/^PPid:\s+(\d+)$/m.exec(readProc(entry, "status"))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  const kilobytes = (pid: number): number => Number(/^Pss:\s+(\d+)/m.exec(readProc(String(pid), "smaps_rollup"))?.[1] ?? 0);
  return below(root).reduce((sum, pid) => sum + kilobytes(pid) * 1024, 0);
}

/** Empty for a process that ended in the meantime. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

await rollout(rollouts);
const before = process.memoryUsage().rss;
let peak = before;
let sandboxPeak = 0;
const watching = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
  sandboxPeak = Math.max(sandboxPeak, descendantsRss(process.pid));
}, 200);
const start = performance.now();
const counts = await Promise.all(Array.from({ length: rollouts }, (_none, n) => rollout(n)));
const seconds = (performance.now() - start) / 1000;
clearInterval(watching);
console.log(
  JSON.stringify({
    steps: counts.reduce((sum, count) => sum + count, 0),
    seconds,
    rssBefore: before,
    rssPeak: peak,
    sandboxRss: sandboxPeak,
  }),
);

await sandbox.close();
await source.close();
home.close();
await rm(folder, { recursive: true, force: true });
