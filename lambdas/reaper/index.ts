import { reap } from "../../core/control/reap.ts";
import type { Invocation } from "../invocation.ts";
import { openLog } from "../log.ts";
import { sandbox } from "../platform/sandbox.ts";
import { controlPlatform } from "../platform/state.ts";
import { workshopOf } from "../platform/workshop.ts";

const workshop = workshopOf({ sandbox });
const log = openLog({ function: "reaper" });

/** On a schedule: machines that nobody owns, tasks that were lost, runs that stand still. */
export async function handler(_event: unknown, { awsRequestId: requestId }: Invocation): Promise<void> {
  const startedMs = Date.now();
  try {
    const report = await reap(controlPlatform(), workshop);
    log.info({ requestId, durationMs: Date.now() - startedMs, outcome: "done", ...report });
  } catch (error) {
    log.error({ requestId, durationMs: Date.now() - startedMs, outcome: "failed" }, error);
    throw error;
  }
}
