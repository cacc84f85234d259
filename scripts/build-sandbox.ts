import { join } from "node:path";
import { bundleServer } from "./bundle-server.ts";

/** Files of the folder that `buildSandbox` makes, which is what the microVM driver builds images from. */
export const SANDBOX_FILES = ["Dockerfile", "server.mjs"] as const;

/** Makes the tool server of a sandbox's machine. */
export const buildSandbox = (folder: string): Promise<void> => bundleServer("sandbox", folder);

/** usage: node scripts/build-sandbox.ts [folder] */
if (import.meta.main) await buildSandbox(process.argv[2] ?? join(import.meta.dirname, "../dist-lambdas/sandbox"));
