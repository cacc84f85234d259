import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Makes what the image of the tenant-isolated function is built from: its program in one file, and the Dockerfile. */
export async function buildTenant(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { server: "batch-images/tenant/server.ts" },
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
  await copyFile(join(root, "batch-images/tenant/Dockerfile"), join(folder, "Dockerfile"));
}

/** usage: node scripts/build-tenant.ts [folder] */
if (import.meta.main) await buildTenant(process.argv[2] ?? join(root, "dist-lambdas/tenant"));
