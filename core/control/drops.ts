import { InputError } from "../errors/index.ts";
import { newRunId } from "../svg/pipeline/index.ts";
import { isDropName } from "./drops/folder.ts";
import { inspectDrop, type InspectedDrop } from "./drops/inspect.ts";
import { nameRefusal, tellContent } from "./drops/tell-content.ts";
import { tellRun } from "./drops/tell-run.ts";
import { strayFile, tellStray } from "./drops/tell-stray.ts";
import type { ControlPlatform } from "./platform.ts";
import { startRun } from "./start.ts";

/** Whoever uploads on and on is looked at again by the event of the last upload. */
const ROUNDS = 5;

/** A file was put beside the drops. Says so in `drops/result.json`. */
export const handleStray = (platform: ControlPlatform, key: string): Promise<void> => tellStray(platform, strayFile(key));

/**
 * Something was put into `drops/<name>/`. Waits, refuses or starts a run, and says so in `drops/<name>/result.json`. Events may come in
 * any order and more than once: the same content is the same run. InputError("usage") for a name that cannot be one, which
 * `drops/result.json` tells then.
 */
export async function handleDrop(platform: ControlPlatform, name: string): Promise<void> {
  if (!isDropName(name)) {
    const refusal = nameRefusal(name);
    await tellStray(platform, refusal);
    throw refusal;
  }
  let drop = await inspectDrop(platform, name);
  for (let round = 0; round < ROUNDS; round++) {
    await handleContent(platform, name, drop);
    // Somebody who saw less may have written his word over this one, or this one over a newer.
    const now = await inspectDrop(platform, name);
    if (now.seen === drop.seen) return;
    drop = now;
  }
}

async function handleContent(platform: ControlPlatform, name: string, drop: InspectedDrop): Promise<void> {
  if (drop.kind !== "ready") return tellContent(platform, name, drop);
  const { config, archive, version } = drop;
  const runName = config.name ?? name;
  try {
    const fresh = newRunId(runName, new Date(platform.clock.now()).toISOString());
    const id = await platform.drops.claimDrop(name, version, fresh);
    await startRun(platform, { id, config, name: runName, archive: { ...archive, drop: name }, demonstrations: [] });
    await tellRun(platform, id, { isNewest: true });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await tellContent(platform, name, { kind: "refused", error });
  }
}
