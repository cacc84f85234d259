import { cp, copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Makes what the trainer's image is built from, laid out as batch-images is: the Dockerfile, the packages' lock, the Python, and the
 * template that it renders with.
 */
export async function buildTrainer(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const room of ["sft", "vllm"]) await mkdir(join(folder, room), { recursive: true });
  const images = join(root, "batch-images");
  for (const file of ["sft/Dockerfile", "sft/requirements.txt", "vllm/serve.jinja"]) await copyFile(join(images, file), join(folder, file));
  const isSource = (path: string): boolean => !path.includes("__pycache__");
  await cp(join(images, "sft/serac_sft"), join(folder, "sft/serac_sft"), { recursive: true, filter: isSource });
}

/** usage: node scripts/build-trainer.ts [folder] */
if (import.meta.main) await buildTrainer(process.argv[2] ?? join(root, "dist-lambdas/trainer"));
