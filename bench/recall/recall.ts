import { scorePatches } from "../../core/svg/recall/index.ts";

/** usage: node bench/recall/recall.ts: milliseconds to score two 40,000-line patches, median and worst of 9, as one JSON line. */
const LINES = 40_000;

function patch(seed: number): string {
  const body = Array.from({ length: LINES }, (_, index) => {
    const sign = index % 3 === 0 ? "-" : "+";
    return `${sign}    value_${(index * seed) % 7919} = compute(${index % 1000}, "${(index * 31 * seed) % 65_537}")`;
  });
  const old = body.filter((line) => line[0] === "-").length;
  return `diff --git a/big.py b/big.py\n--- a/big.py\n+++ b/big.py\n@@ -1,${old} +1,${LINES - old} @@\n${body.join("\n")}\n`;
}

const target = patch(1);
const candidate = patch(2);
const timings = { serac: [] as number[], sera: [] as number[] };
for (let round = 0; round < 9; round++) {
  for (const rule of ["serac", "sera"] as const) {
    const start = performance.now();
    scorePatches(target, candidate, rule);
    timings[rule].push(performance.now() - start);
  }
}
const summary = (all: number[]): { medianMs: number; worstMs: number } => {
  const sorted = all.toSorted((a, b) => a - b);
  return { medianMs: Math.round(sorted[4]!), worstMs: Math.round(sorted.at(-1)!) };
};
console.log(JSON.stringify({ bench: "recall", lines: LINES, serac: summary(timings.serac), sera: summary(timings.sera) }));
