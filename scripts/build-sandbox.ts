import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files of the folder that `buildSandbox` makes, which is what the microVM driver builds images from. */
export const SANDBOX_FILES = ["Dockerfile", "server.mjs"] as const;

/** Makes the tool server of a sandbox's machine in one file, with its Dockerfile beside it. */
export async function buildSandbox(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { server: "batch-images/sandbox/server.ts" },
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
  await copyFile(join(root, "batch-images/sandbox/Dockerfile"), join(folder, "Dockerfile"));
}

/** usage: node scripts/build-sandbox.ts [folder] */
if (import.meta.main) await buildSandbox(process.argv[2] ?? join(root, "dist-lambdas/sandbox"));
