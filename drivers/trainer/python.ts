import { basename, delimiter, join } from "node:path";
import type { Trainer } from "../../core/training/trainer.ts";
import { probe, PROBE, type Probed } from "./probe.ts";
import { train } from "./train.ts";

export interface PythonTrainerOptions {
  /** An interpreter; a name is looked for on the PATH. */
  readonly python: string;
  /** Holds `serac_sft`. */
  readonly packageFolder: string;
  /** Below it each model has a folder, for data in the form that the trainer reads and for checkpoints on their way. */
  readonly scratch: string;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  readonly env: NodeJS.ProcessEnv;
}

/** The trainer in a Python environment of this machine. On several GPUs its launcher starts it once on each. */
export function createPythonTrainer({ python, packageFolder, scratch, graceMs, env }: PythonTrainerOptions): Trainer {
  const name = `python ${python}`;
  let probed: Promise<Probed> | undefined;
  const check = (): Promise<Probed> =>
    (probed ??= probe(name, python, ["-c", PROBE], "Run `serac train --install`, or name another Python with --python."));
  return {
    name,
    check,
    run: async (run) => {
      const { device, devices } = await check();
      const own = join(scratch, basename(run.root));
      return train({
        ...run,
        scratch: own,
        graceMs,
        command: {
          command: python,
          args: ["-m", "serac_sft.launch", "--root", run.root, "--scratch", own, "--device", device],
          kill: [],
          env: {
            ...env,
            PYTHONPATH: [packageFolder, ...(env["PYTHONPATH"] === undefined ? [] : [env["PYTHONPATH"]])].join(delimiter),
            // A file of that name in the folder where serac was called is no module of the trainer's.
            PYTHONSAFEPATH: "1",
            PYTHONUNBUFFERED: "1",
            PYTHONDONTWRITEBYTECODE: "1",
            PYTHONIOENCODING: "utf-8",
            // One on each device that PyTorch sees.
            SERAC_PROCESSES: String(devices),
          },
        },
      });
    },
  };
}
