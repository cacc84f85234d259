import type { SeracConfig } from "../../core/config/schema.ts";
import type { PlanEstimate } from "../../core/plan/estimate.ts";
import type { Io } from "../io.ts";
import type { CloudFlags } from "./flags.ts";
import { openCloud } from "./open.ts";

/** The deployment's own figures, which are those of the version that would run. */
export async function cloudEstimate(
  { config, functions, assume }: { readonly config: SeracConfig; readonly functions: number | null; readonly assume: boolean },
  flags: CloudFlags,
  io: Io,
): Promise<PlanEstimate> {
  const client = await openCloud(flags, io);
  return client.estimate({ config: { ...config }, functions, assume });
}
