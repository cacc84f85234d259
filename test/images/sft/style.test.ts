import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { trainerPython } from "../python.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const OURS = ["batch-images", "test/images/sft", "test/images/tiny_base.py", "bench/prepare"];

/** What ruff has to say of the trainer's Python, by ruff.toml. */
test.each([
  ["rules", ["check", "--no-cache", ...OURS]],
  ["format", ["format", "--no-cache", "--check", ...OURS]],
])("%s", async (_what, args) => {
  const ruff = join(dirname(await trainerPython()), "ruff");
  const said = await promisify(execFile)(ruff, args, { cwd: root }).then(
    () => "",
    (error: { readonly stdout: string; readonly stderr: string }) => error.stdout + error.stderr,
  );
  expect(said).toBe("");
});
