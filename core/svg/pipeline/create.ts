import { randomBytes } from "node:crypto";
import type { SeracConfig } from "../../config/schema.ts";
import { ConflictError } from "../../errors/index.ts";
import type { RepositorySource } from "../../survey/repository.ts";
import { configKey, givenDemonstrationsKey } from "../names.ts";
import type { StatePlatform } from "../platform.ts";
import type { RunArchive, RunRecord } from "../store.ts";

export interface NewRun {
  /** Default: a new one. Made again under the same id, the run is what it was the first time. */
  readonly id?: string;
  readonly config: SeracConfig;
  /** Display name; the run's id begins with it. */
  readonly name: string;
  readonly repository: Pick<RepositorySource, "origin" | "commit">;
  readonly archive?: RunArchive;
  /** Style demonstrations that the user gave; empty: the repository's history, else serac's own. */
  readonly demonstrations: readonly string[];
  readonly rehearsal: boolean;
}

const MICRO = 1_000_000;

/** Writes the run down; nothing is prepared or spent yet, and nothing of the repository is read. */
export async function createRun(platform: StatePlatform, request: NewRun): Promise<RunRecord> {
  const now = new Date(platform.clock.now()).toISOString();
  const run: RunRecord = {
    id: request.id ?? newRunId(request.name, now),
    name: request.name,
    config: request.config,
    repository: request.repository.origin,
    ...(request.archive === undefined ? {} : { archive: request.archive }),
    commit: request.repository.commit,
    state: "preparing",
    detail: null,
    rehearsal: request.rehearsal,
    sandbox: null,
    planned: 0,
    functions: 0,
    createdAt: now,
    updatedAt: now,
  };
  const existing = request.id === undefined ? null : await platform.store.getRun(request.id);
  if (existing !== null) return settled(platform, existing);
  // JSON is YAML; the file is for people who look into the folder, the store's copy is the one that counts.
  await platform.artifacts.put(configKey(run.id), Buffer.from(`${JSON.stringify(request.config, null, 2)}\n`));
  if (request.demonstrations.length > 0)
    await platform.artifacts.put(givenDemonstrationsKey(run.id), Buffer.from(JSON.stringify(request.demonstrations)));
  return settled(platform, await created(platform, run, request.id !== undefined));
}

/** Two makers of one id: the first one's record counts. */
async function created({ store }: StatePlatform, run: RunRecord, isNamed: boolean): Promise<RunRecord> {
  try {
    await store.createRun(run);
    return run;
  } catch (error) {
    if (!isNamed || !(error instanceof ConflictError)) throw error;
    return (await store.getRun(run.id)) ?? run;
  }
}

/** The budget stands before anything can be spent. A run that was begun and left here has none yet; later it is the user's to change. */
async function settled({ store }: StatePlatform, run: RunRecord): Promise<RunRecord> {
  const { usd } = run.config.budget;
  if (run.state === "preparing" && run.planned === 0) await store.setBudget(run.id, usd === undefined ? null : Math.round(usd * MICRO));
  return run;
}

/** `<name>-<yyyymmdd>-<hhmmss>-<4 hex digits>`: sorts by time within a name, safe as a file name and an S3 key. */
export function newRunId(name: string, iso: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  const stamp = iso.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `${slug === "" ? "run" : slug}-${stamp}-${randomBytes(2).toString("hex")}`;
}
