import { join } from "node:path";
import type { SimulationReport } from "../../test/simulation/simulate.ts";
import { runJson } from "../process.ts";
import type { Row, Section } from "../section.ts";

const SAMPLES = 200_000;
const WORKERS = 1_000;

interface Figures {
  readonly report: SimulationReport;
  readonly seconds: number;
  readonly peakRssMb: number;
}

/** A run of 200,000 samples by 1,000 functions that die and get their messages twice, in simulated time. Takes ten minutes and more. */
export const cloud: Section = {
  name: "cloud",
  async run({ log }) {
    log(`cloud: ${SAMPLES} samples, ${WORKERS} workers`);
    const heap = ["--max-semi-space-size=64", "--max-old-space-size=8192"];
    const args = [...heap, join(import.meta.dirname, "run.ts"), String(SAMPLES), String(WORKERS)];
    return rowsOf(await runJson<Figures>(process.execPath, args));
  },
};

function rowsOf({ report, seconds, peakRssMb }: Figures): readonly Row[] {
  const row = (what: string, target: string, serac: string): Row => ({ what, target, serac, peer: "-" });
  const { workers, paid, traffic, planTraffic } = report;
  const percent = (share: number): string => `${(100 * share).toFixed(3)} %`;
  const usd = (micro: number): string => `$${(micro / 1e6).toFixed(6)}`;
  const minutes = (ms: number): string => `${(ms / 60_000).toFixed(0)} min`;
  return [
    row(
      `simulated run of ${report.samples} samples, ${WORKERS} workers, ${workers.deaths} deaths and ${workers.duplicates} duplicates in ${workers.deliveries} deliveries: samples with one result, and changed ones`,
      `${report.samples}, 0`,
      `${report.onceFinished}, ${report.reopened}`,
    ),
    row(`paid calls asked for again, of ${paid.answered}`, "0", String(paid.repeated)),
    row(
      `samples worked on at once, of a teacher that bears ${WORKERS}; samples that the reaper gave a lost task again`,
      `<= ${WORKERS}, -`,
      `${report.mostAtOnce}, ${report.revived}`,
    ),
    row(
      "paid calls whose reply died with its worker; workers' time that was lost",
      "< 0.5 %",
      `${percent(report.wastedCalls)}; ${percent(report.wastedTime)}`,
    ),
    row(
      "settled of what the journal says was spent; what the samples cost together",
      "all; the same",
      `${usd(report.spend.settledMicroUsd)} of ${usd(report.journaledMicroUsd)}; ${usd(report.samplesMicroUsd)}`,
    ),
    row(
      "busiest partition of the table: writes a second, write units a second",
      "< 1,000",
      `${traffic.busiestByWrites.perSecond}, ${traffic.busiestByUnits.perSecond} (plan: ${planTraffic.busiestByWrites.perSecond}, ${planTraffic.busiestByUnits.perSecond})`,
    ),
    row(
      "writing the plan down: items, simulated time",
      "-",
      `${planTraffic.writes}, ${(report.planMs / 1000).toFixed(0)} s (a sample: ${(report.planMs / report.samples).toFixed(2)} ms)`,
    ),
    row(
      "the run: table writes and read items a sample, simulated time",
      "-",
      `${(traffic.writes / report.samples).toFixed(0)} and ${(traffic.reads / report.samples).toFixed(0)}, ${minutes(report.simulatedMs)}`,
    ),
    row("the simulation itself: time, peak RSS", "-", `${seconds.toFixed(0)} s, ${peakRssMb.toFixed(0)} MB`),
  ];
}
