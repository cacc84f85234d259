import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The interpreter of the environment that holds the emulators; made on first use. */
export async function cloudPython(): Promise<string> {
  const { stdout } = await promisify(execFile)(`${root}scripts/python-venv.sh`, [
    `${root}test/cloud/requirements.txt`,
    `${root}.cache/cloud`,
  ]);
  return stdout.trim();
}
