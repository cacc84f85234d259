import { DROPS_PREFIX } from "../../core/config/cloud/names.ts";
import { handleDrop } from "../../core/control/drops.ts";
import { InputError } from "../../core/errors/index.ts";
import type { Invocation } from "../invocation.ts";
import { openLog } from "../log.ts";
import { controlPlatform } from "../platform/state.ts";
import { droppedName, type ObjectCreated } from "./event.ts";

const log = openLog({ function: "intake" });

/** Something was put below drops/. What it throws, Lambda tries twice more, and then it is a dead letter. */
export async function handler(event: ObjectCreated, { awsRequestId: requestId }: Invocation): Promise<void> {
  const startedMs = Date.now();
  const name = droppedName(event, DROPS_PREFIX);
  if (name === null) return;
  try {
    await handleDrop(controlPlatform(), name);
    log.info({ requestId, drop: name, durationMs: Date.now() - startedMs, outcome: "handled" });
  } catch (error) {
    const isRefused = error instanceof InputError;
    log.error({ requestId, drop: name, durationMs: Date.now() - startedMs, outcome: isRefused ? "refused" : "failed" }, error);
    if (!isRefused) throw error;
  }
}
