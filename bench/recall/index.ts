import { join } from "node:path";
import { runJson } from "../process.ts";
import type { Section } from "../section.ts";

interface Figures {
  readonly serac: { readonly medianMs: number; readonly worstMs: number };
  readonly sera: { readonly medianMs: number; readonly worstMs: number };
}

export const recall: Section = {
  name: "recall",
  async run() {
    const { serac, sera } = await runJson<Figures>(process.execPath, [join(import.meta.dirname, "recall.ts")]);
    return [
      {
        what: "recall of two 40,000-line patches (rule serac / sera)",
        target: "< 100 ms",
        serac: `${serac.medianMs} / ${sera.medianMs} ms, worst ${Math.max(serac.worstMs, sera.worstMs)} ms`,
        peer: "SERA: 14 s (measured 2026-11; it is not on PyPI)",
      },
    ];
  },
};
