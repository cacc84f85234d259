import type { SeracConfig } from "../config/schema.ts";
import { createRun } from "../svg/pipeline/index.ts";
import type { RunArchive, RunRecord } from "../svg/store.ts";
import { checkArchive } from "./archive.ts";
import { assertCloudConfig } from "./cloud-config.ts";
import { prepareTaskOf } from "./messages.ts";
import type { ControlPlatform } from "./platform.ts";

export interface StartRequest {
  /** Default: a new one. Started again under the same id, it is the same run. */
  readonly id?: string;
  readonly config: SeracConfig;
  readonly name: string;
  readonly archive: RunArchive;
  /** Texts that the user gave as style demonstrations; may be empty. */
  readonly demonstrations: readonly string[];
}

/** Somebody who began to start a run has given it its task after this long, or never will. */
const ABANDONED_MS = 60_000;

/** Writes the run down and sends it on its way. InputError: config_invalid, archive_unreadable, archive_too_large; nothing is made then. */
export async function startRun(platform: ControlPlatform, request: StartRequest): Promise<RunRecord> {
  const existing = request.id === undefined ? null : await platform.store.getRun(request.id);
  if (existing !== null && !isAbandoned(existing, platform.clock.now())) return existing;
  const { config, name, archive, demonstrations, id } = request;
  assertCloudConfig(config);
  const origin = archive.key.slice(archive.key.lastIndexOf("/") + 1);
  const { version } = checkArchive(origin, await platform.factsOf(archive.key));
  const run = await createRun(platform, {
    ...(id === undefined ? {} : { id }),
    config,
    name,
    repository: { origin, commit: null },
    archive: { version, ...archive },
    demonstrations,
    rehearsal: false,
  });
  await platform.queue.enqueue("prepare", [prepareTaskOf({ runId: run.id })]);
  return run;
}

const isAbandoned = ({ state, planned, sandbox, updatedAt }: RunRecord, nowMs: number): boolean =>
  state === "preparing" && planned === 0 && sandbox === null && nowMs - Date.parse(updatedAt) > ABANDONED_MS;
