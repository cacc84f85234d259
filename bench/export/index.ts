import { join } from "node:path";
import { runJson } from "../process.ts";
import type { Row, Section } from "../section.ts";

interface Figures {
  readonly trajectories: number;
  readonly jsonMb: number;
  readonly seconds: number;
  readonly mbPerSecond: number;
  readonly peakRssMb: number;
  readonly rssAtQuarterMb: number;
  readonly rssAtEndMb: number;
}

export const exports: Section = {
  name: "export",
  async run({ log }) {
    const rows: Row[] = [];
    for (const [mode, samples] of [
      ["stored", 200_000],
      ["counted", 5_000],
    ] as const) {
      log(`export: ${samples} trajectories, tokens ${mode}`);
      const figures = await runJson<Figures>(process.execPath, [join(import.meta.dirname, "export.ts"), String(samples), mode]);
      rows.push({
        what: `export of ${samples.toLocaleString("en")} trajectories, 35 steps, ${figures.jsonMb} MB, tokens ${mode === "stored" ? "counted at the end of each rollout" : "counted by the export"}`,
        target: mode === "stored" ? "< 300 MB flat, > 30 MB/s" : "-",
        serac: `${figures.mbPerSecond} MB/s, peak ${figures.peakRssMb} MB (${figures.rssAtQuarterMb} at a quarter, ${figures.rssAtEndMb} at the end)`,
        peer: "-",
      });
    }
    return rows;
  },
};
