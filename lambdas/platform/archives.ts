import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Archives } from "../../core/control/platform.ts";
import { onceReady } from "./once.ts";
import { controlPlatform } from "./state.ts";

/** Below the function's own disk, which goes with it. */
const FOLDER = join(tmpdir(), "serac-archives");

const opened = onceReady(async () => {
  const { createArchives } = await import("../../drivers/archive/index.ts");
  return createArchives({ artifacts: controlPlatform().artifacts, folder: FOLDER });
});

export const archives: Archives = { open: async (key, options) => (await opened()).open(key, options) };
