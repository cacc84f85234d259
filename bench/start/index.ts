import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "../process.ts";
import type { Section } from "../section.ts";

const ROUNDS = 15;
const ROOT = resolve(import.meta.dirname, "../..");

/** Time from exec to exit of `serac --help`, from the checkout and from the bundle that the package ships. */
export const start: Section = {
  name: "start",
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "serac-bench-"));
    try {
      await run(process.execPath, [join(ROOT, "scripts/build.ts")], { cwd: ROOT });
      const checkout = await median([join(ROOT, "bin/serac.ts"), "--help"], folder);
      const bundle = await median([join(ROOT, "dist/serac.js"), "--help"], folder);
      return [
        { what: "CLI start, `serac --help`, bundle", target: "< 150 ms", serac: `${bundle.toFixed(0)} ms`, peer: "-" },
        { what: "the same from the checkout (TypeScript)", target: "-", serac: `${checkout.toFixed(0)} ms`, peer: "-" },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function median(args: readonly string[], cwd: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push((await run(process.execPath, args, { cwd })).seconds * 1000);
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}
