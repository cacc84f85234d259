import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SFT_FOLDER, trainerPython } from "../../test/images/python.ts";
import { runJson } from "../process.ts";
import type { Row, Section } from "../section.ts";

interface Figures {
  readonly model: string;
  readonly parameters: number;
  readonly gb: number;
  readonly saveSeconds: number;
  readonly uploadSeconds: number;
  readonly verifySeconds: number;
}

/** As fast as an NVMe disk, and nobody else's. */
const MEMORY_DISK = "/dev/shm";
const MODELS = ["8B", "32B"];

/** State of a LoRA adapter, rank 32, written by the trainer; training stands still while it is saved, and goes on while it is sent. */
export const checkpoint: Section = {
  name: "checkpoint",
  async run({ log }) {
    const python = await trainerPython();
    const rows: Row[] = [];
    for (const [where, disk] of [
      ["this machine's disk", tmpdir()],
      ["a disk in memory", MEMORY_DISK],
    ] as const) {
      for (const model of MODELS) {
        log(`checkpoint: ${model} on ${where}`);
        const folder = await mkdtemp(join(disk, "serac-checkpoint-"));
        try {
          const env = { PYTHONPATH: SFT_FOLDER, PYTHONDONTWRITEBYTECODE: "1" };
          const figures = await runJson<Figures>(python, [join(import.meta.dirname, "checkpoint.py"), folder, model], { env });
          rows.push(rowOf(figures, where));
        } finally {
          await rm(folder, { recursive: true });
        }
      }
    }
    return rows;
  },
};

function rowOf({ model, parameters, gb, saveSeconds, uploadSeconds, verifySeconds }: Figures, where: string): Row {
  return {
    what: `checkpoint of a LoRA of ${model} (${Math.round(parameters / 1e6)}M parameters and Adam's moments, ${gb} GB), on ${where}`,
    target: "training stands still < 5 s on NVMe",
    serac: `${saveSeconds} s; hashed and copied beside the training in ${uploadSeconds} s; verified in ${verifySeconds} s`,
    peer: "-",
  };
}
