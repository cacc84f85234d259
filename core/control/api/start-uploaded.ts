import type { SeracConfig } from "../../config/schema.ts";
import { ConflictError } from "../../errors/index.ts";
import { newRunId } from "../../svg/pipeline/index.ts";
import type { RunRecord } from "../../svg/store.ts";
import { cloudMistakes } from "../cloud-config.ts";
import type { ApiKeyRecord, ControlPlatform } from "../platform.ts";
import { startRun } from "../start.ts";
import { claimedId } from "./claimed-id.ts";
import { readConfig, refusedConfig } from "./read-config.ts";
import { uploadKey } from "./upload-key.ts";

export interface UploadedRun {
  readonly config: Readonly<Record<string, unknown>>;
  readonly name?: string | undefined;
  readonly uploadId: string;
  readonly demonstrations: readonly string[];
  /** Null: every request starts a run of its own. */
  readonly idempotencyKey: string | null;
}

/**
 * Starts a run on an archive that was uploaded. With an idempotency key, the run that it began before: also when the answer to that
 * request was lost, or when two of them come at once. ConflictError when the key was used for something else.
 */
export async function startUploaded(
  platform: ControlPlatform,
  key: ApiKeyRecord,
  request: UploadedRun,
): Promise<{ readonly run: RunRecord; readonly isNew: boolean }> {
  const config = readConfig(request.config);
  const mistakes = cloudMistakes(config).map(({ path, text }) => ({ key: ["config", ...path].join("."), message: text }));
  if (mistakes.length > 0) throw refusedConfig(mistakes);
  const name = request.name ?? config.name ?? "run";
  const id = await claimedId(platform, key, "run", request.idempotencyKey, newRunId(name, new Date(platform.clock.now()).toISOString()));
  const before = await platform.store.getRun(id);
  if (before !== null && !isSame(before, name, config)) throw otherRequest(id);
  const archive = { key: uploadKey(request.uploadId), drop: null };
  const run = await startRun(platform, { id, config, name, archive, demonstrations: request.demonstrations });
  return { run, isNew: before === null };
}

/** The archive is not looked at: a run keeps its own copy soon, under another key. */
const isSame = (run: RunRecord, name: string, config: SeracConfig): boolean =>
  run.name === name && JSON.stringify(run.config) === JSON.stringify(config);

const otherRequest = (runId: string): ConflictError =>
  new ConflictError("state_conflict", `This Idempotency-Key has started another run already, ${runId}.`, {
    hint: "Take a new key for a new run.",
  });
