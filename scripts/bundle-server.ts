import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What a container image of batch-images is built from: its program in one file, and the Dockerfile beside it. */
export async function bundleServer(image: "sandbox" | "tenant", folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { server: `batch-images/${image}/server.ts` },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "warning",
  });
  await copyFile(join(root, "batch-images", image, "Dockerfile"), join(folder, "Dockerfile"));
}
