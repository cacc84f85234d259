import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Folder of the trainer's package `serac_sft`: the working directory, or the PYTHONPATH, of `python -m serac_sft`. */
export const SFT_FOLDER = `${root}batch-images/sft`;

/**
 * The interpreter of the one environment (6 GB) that holds the trainer's locked packages and what its tests use; made on first use. No
 * test makes another one from the trainer's own lock.
 */
export async function trainerPython(): Promise<string> {
  const { stdout } = await promisify(execFile)(`${root}scripts/python-venv.sh`, [
    `${root}test/images/sft/requirements.txt`,
    `${root}.cache/sft`,
  ]);
  return stdout.trim();
}
