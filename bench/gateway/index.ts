import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "../process.ts";
import type { Row, Section } from "../section.ts";
import { lambdaBundle } from "./bundle.ts";
import { FLOORS, OURS, PEERS } from "./contestants.ts";
import { BURSTS, type Figures, figuresOf, type Step } from "./figures.ts";
import { type Mock, startMock, TOKENS } from "./measure.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What became of a contestant: its figures, or the reason why there are none. */
type Outcome = { readonly name: string } & ({ readonly figures: Figures } | { readonly failure: string });

/**
 * Gateways between the same load generator and the same mock: 54 kB requests, answers of 100 tokens. Where there is taskset the gateway
 * has one core, and mock and load generator share another.
 */
export const gateway: Section = {
  name: "gateway",
  async run({ log }) {
    const folder = await mkdtemp(join(tmpdir(), "serac-bench-"));
    const [load = 0] = loadavg();
    if (load > availableParallelism() / 4) {
      log(`gateway: the machine has a load of ${load.toFixed(1)}; what is said of many streams and of the slowest request is worth little`);
    }
    log("gateway: the bundle");
    await run(process.execPath, [join(ROOT, "scripts/build.ts")], { cwd: ROOT });
    const mock = await startMock();
    try {
      const direct = await figuresOf({ name: "direct", start: () => Promise.resolve(unstopped(mock)) }, mock, folder, log);
      const outcomes: Outcome[] = [];
      for (const contestant of [...OURS, ...FLOORS, ...PEERS]) {
        const { name } = contestant;
        outcomes.push(
          await figuresOf(contestant, mock, folder, log).then(
            (figures) => ({ name, figures }),
            (error: unknown) => ({ name, failure: reasonOf(error) }),
          ),
        );
      }
      return [...rows(direct, outcomes), await bundleRow(folder)];
    } finally {
      await mock.server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const unstopped = ({ server }: Mock) => ({ ...server, stop: () => Promise.resolve() });
const reasonOf = (error: unknown): string =>
  String(error instanceof Error ? error.message : error)
    .split("\n")[0]!
    .slice(0, 160)
    .replaceAll("|", "/");

function rows(direct: Figures, outcomes: readonly Outcome[]): readonly Row[] {
  const row = (what: string, target: string, show: (figures: Figures) => string): Row => {
    const cell = (ours: boolean): string =>
      outcomes
        .filter(({ name }) => OURS.some((contestant) => contestant.name === name) === ours)
        .map((outcome) => `${outcome.name.replace("serac, ", "")}: ${"figures" in outcome ? show(outcome.figures) : outcome.failure}`)
        .join("; ");
    return { what, target, serac: cell(true), peer: cell(false) };
  };
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  return [
    row(
      `gateway, added time to first token, one stream, all ${TOKENS} tokens at once, p50 / p99 (direct: ${direct.ttft.p50.toFixed(2)} / ${ms(direct.ttft.p99)} ms)`,
      "<= 3 / <= 15 ms",
      ({ ttft }) => `${ms(ttft.p50 - direct.ttft.p50)} / ${ms(ttft.p99 - direct.ttft.p50)} ms`,
    ),
    row(
      `the same with 50 tokens/s (direct: ${direct.pacedTtft.p50.toFixed(2)} / ${ms(direct.pacedTtft.p99)} ms)`,
      "<= 3 / <= 15 ms",
      ({ pacedTtft }) => `${ms(pacedTtft.p50 - direct.pacedTtft.p50)} / ${ms(pacedTtft.p99 - direct.pacedTtft.p50)} ms`,
    ),
    row(`CPU a request of 54 kB and ${TOKENS} tokens`, "<= 3 ms", ({ cpuOfRequest }) => `${cpuOfRequest.toFixed(2)} ms`),
    row("CPU a token at 50 tokens/s, 64 streams", "<= 60 us", ({ cpuOfTokenMicros }) => `${cpuOfTokenMicros.toFixed(0)} us`),
    row(`time to first token, p50, of ${BURSTS.join(" / ")} requests at the same moment (direct: ${burstsText(direct)})`, "-", burstsText),
    row("300 streams at 50 tokens/s at any time: deltas later than 50 ms, and the latest", "none", ({ steps }) => stepText(steps, 300)),
    row("streams at 50 tokens/s that one core carries, 99.9 % of deltas within 50 ms", ">= 300", ({ steps }) => carriedText(steps)),
    row(
      "memory (RSS, peak) after 64 streams / after 300",
      "< 120 MB",
      ({ rssAlone, rssCrowd }) => `${rssAlone.toFixed(0)} / ${rssCrowd.toFixed(0)} MB`,
    ),
    ownRow(direct),
  ];
}

const burstsText = ({ bursts }: Figures): string =>
  `${bursts.map((burst) => (typeof burst === "number" ? burst.toFixed(0) : burst)).join(" / ")} ms`;

function stepText(steps: readonly Step[], streams: number): string {
  const step = steps.find((tried) => tried.streams === streams) ?? steps.at(-1)!;
  const { seen } = step;
  const share =
    seen.deltas === 0
      ? "no answers"
      : `${((100 * seen.late) / seen.deltas).toFixed(seen.late === 0 ? 0 : 2)} %, ${seen.worstMs.toFixed(0)} ms`;
  const failed = seen.failures === 0 ? "" : `, ${seen.failures} fail`;
  return `${step.streams === streams ? "" : `at ${step.streams} already `}${share}${failed}`;
}

function carriedText(steps: readonly Step[]): string {
  const most = steps.filter(({ isCarried }) => isCarried).at(-1);
  if (most === undefined) return `fewer than ${steps[0]!.streams}`;
  return steps.every(({ isCarried }) => isCarried) ? `${most.streams} or more` : String(most.streams);
}

/** Whether what is around a gateway could be what was measured. */
function ownRow({ steps }: Figures): Row {
  const { streams, seen } = steps.at(-1)!;
  const share = (cpu: number): string => `${((100 * cpu) / seen.windowMs).toFixed(0)} %`;
  return {
    what: `no gateway, ${streams} streams: CPU of the load generator and of the mock; deltas later than 50 ms`,
    target: "-",
    serac: "-",
    peer: `${share(seen.ownCpuMs)} and ${share(seen.cpuMs)} of one core; ${stepText(steps, streams)}`,
  };
}

async function bundleRow(folder: string): Promise<Row> {
  const { bytes, importMs } = await lambdaBundle(folder);
  return {
    what: "the gateway as a function's handler: bundle, import in a fresh Node",
    target: "< 1 MB, < 100 ms",
    serac: `${(bytes / 1e6).toFixed(2)} MB, ${importMs.toFixed(0)} ms`,
    peer: "-",
  };
}
