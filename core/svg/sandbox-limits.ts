import type { SandboxLimits } from "../agent/sandbox.ts";
import type { SeracConfig } from "../config/schema.ts";

/** No single file may fill the whole disk of a workspace: git needs room for the diff of it. */
export function sandboxLimits(config: SeracConfig): SandboxLimits {
  const { memoryMb, processes, diskMb } = config.environment;
  return { memoryMb, processes, diskMb, fileMb: Math.max(1, Math.floor(diskMb / 2)) };
}
