import { join } from "node:path";
import { sourceOf, SYMPY } from "../packages.ts";
import { run } from "../process.ts";
import type { Section } from "../section.ts";

interface Figures {
  readonly what: string;
  readonly medianMs?: number;
  readonly p95Ms?: number;
  readonly pssMbEach?: number;
  readonly nodeMbEach?: number;
}

export const sandbox: Section = {
  name: "sandbox",
  async run({ log }) {
    log("sandbox: serac");
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, "sandbox.ts"), await sourceOf(SYMPY)]);
    const figures: readonly Figures[] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const step = figures.find(({ what }) => what === "step");
    const idle = figures.find(({ what }) => what.startsWith("idle"));
    if (step === undefined || idle === undefined) throw new Error("The sandbox benchmark printed no step or no idle figures.");
    return [
      {
        what: "sandbox step on SymPy: cd, cat, edit, diff",
        target: "< 20 ms median",
        serac: `${step.medianMs} ms median, ${step.p95Ms} ms p95`,
        peer: "SWE-agent as SERA runs it: about 530 ms (measured 2026-11)",
      },
      {
        what: `sandbox, ${idle.what}`,
        target: "< 10 MB each",
        serac: `${idle.pssMbEach} MB + ${idle.nodeMbEach} MB in Node each`,
        peer: "-",
      },
    ];
  },
};
