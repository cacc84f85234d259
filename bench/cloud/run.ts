import { simulate } from "../../test/simulation/simulate.ts";

/** A process of its own: prints the report as JSON, with what it took. usage: run.ts <samples> <workers> */
// Conflicts are told by errors, very many of them; nobody reads where they were made.
Error.stackTraceLimit = 0;

const [samples = 200_000, workers = 1000] = process.argv.slice(2).map(Number);
const startedMs = performance.now();
const report = await simulate({
  samples,
  workers,
  deathShare: 0.01,
  duplicateShare: 0.01,
  seed: 1,
  onProgress: (finished, simulatedMs) => {
    const seconds = (performance.now() - startedMs) / 1000;
    if (finished % 10_000 === 0) {
      console.error(`cloud: ${finished} samples after ${(simulatedMs / 60_000).toFixed(0)} simulated minutes, ${seconds.toFixed(0)} s`);
    }
  },
});
const seconds = (performance.now() - startedMs) / 1000;
console.log(JSON.stringify({ report, seconds, peakRssMb: process.resourceUsage().maxRSS / 1024 }));
