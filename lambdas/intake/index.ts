import { DROPS_PREFIX } from "../../core/config/cloud/names.ts";
import { handleDrop, handleStray } from "../../core/control/drops.ts";
import { InputError } from "../../core/errors/index.ts";
import type { Invocation } from "../invocation.ts";
import { openLog } from "../log.ts";
import { controlPlatform } from "../platform/state.ts";
import { droppedIn, type ObjectCreated } from "./event.ts";

const log = openLog({ function: "intake" });

/** Something was put below drops/. What it throws, Lambda tries twice more, and then it is a dead letter. */
export async function handler(event: ObjectCreated, { awsRequestId: requestId }: Invocation): Promise<void> {
  const startedMs = Date.now();
  const dropped = droppedIn(event, DROPS_PREFIX);
  if (dropped === null) return;
  const known = { requestId, drop: dropped.kind === "drop" ? dropped.name : null };
  try {
    if (dropped.kind === "drop") await handleDrop(controlPlatform(), dropped.name);
    else await handleStray(controlPlatform(), dropped.key);
    log.info({ ...known, durationMs: Date.now() - startedMs, outcome: dropped.kind === "drop" ? "handled" : "stray" });
  } catch (error) {
    const isRefused = error instanceof InputError;
    log.error({ ...known, durationMs: Date.now() - startedMs, outcome: isRefused ? "refused" : "failed" }, error);
    if (!isRefused) throw error;
  }
}
