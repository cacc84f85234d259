import { DROPS_PREFIX } from "../../core/config/cloud/names.ts";
import { handleDrop, handleStray } from "../../core/control/drops.ts";
import { InputError } from "../../core/errors/index.ts";
import type { Invocation } from "../invocation.ts";
import { type LogFields, openLog } from "../log.ts";
import { controlPlatform } from "../platform/state.ts";
import type { QueueAnswer, QueueEvent } from "../queue/events.ts";
import { queueHandler } from "../queue/handler.ts";
import { droppedIn, failedEvent, type ObjectCreated } from "./event.ts";

const log = openLog({ function: "intake" });

/** What failed three times comes once more out of the queue of failed drops, and again, until it is dealt with. */
const again = queueHandler({
  log,
  work: async (body) => {
    const event = failedEvent(body);
    return event === null ? { outcome: "nothing" } : take(event);
  },
});

/** Something was put below drops/. What it throws, Lambda tries twice more. */
export async function handler(event: ObjectCreated | QueueEvent, invocation: Invocation): Promise<QueueAnswer | undefined> {
  if ("Records" in event) return again(event, invocation);
  const startedMs = Date.now();
  const known = (): LogFields => ({ requestId: invocation.awsRequestId, durationMs: Date.now() - startedMs });
  try {
    const fields = await take(event);
    if (fields["outcome"] !== "nothing") log.info({ ...known(), ...fields });
    return undefined;
  } catch (error) {
    log.error({ ...known(), drop: nameIn(event), outcome: "failed" }, error);
    throw error;
  }
}

const nameIn = (event: ObjectCreated): string | null => {
  const dropped = droppedIn(event, DROPS_PREFIX);
  return dropped?.kind === "drop" ? dropped.name : null;
};

async function take(event: ObjectCreated): Promise<LogFields> {
  const dropped = droppedIn(event, DROPS_PREFIX);
  if (dropped === null) return { outcome: "nothing" };
  if (dropped.kind === "stray") {
    await handleStray(controlPlatform(), dropped.key);
    return { outcome: "stray" };
  }
  try {
    await handleDrop(controlPlatform(), dropped.name);
    return { drop: dropped.name, outcome: "handled" };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { drop: dropped.name, outcome: "refused", code: error.code };
  }
}
