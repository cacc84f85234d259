import { randomBytes } from "node:crypto";
import type { SeracConfig } from "../../config/schema.ts";
import type { RepositorySource } from "../../survey/repository.ts";
import { chooseDemonstrations } from "../describe/demonstrations.ts";
import { configKey, demonstrationsKey } from "../names.ts";
import type { StatePlatform } from "../platform.ts";
import type { RunRecord } from "../store.ts";

export interface NewRun {
  readonly config: SeracConfig;
  /** Display name; the run's id begins with it. */
  readonly name: string;
  readonly repository: RepositorySource;
  /** Style demonstrations that the user gave; empty: the repository's history, else serac's own. */
  readonly demonstrations: readonly string[];
  readonly rehearsal: boolean;
}

const HISTORY_TEXTS = 500;
const MICRO = 1_000_000;

/** Writes the run down; nothing is prepared or spent yet. */
export async function createRun(platform: StatePlatform, request: NewRun): Promise<RunRecord> {
  const now = new Date(platform.clock.now()).toISOString();
  const run: RunRecord = {
    id: newRunId(request.name, now),
    name: request.name,
    config: request.config,
    repository: request.repository.origin,
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
  const history = await request.repository.changeTexts(HISTORY_TEXTS);
  const demonstrations = chooseDemonstrations(request.demonstrations, history);
  // JSON is YAML; the file is for people who look into the folder, the store's copy is the one that counts.
  await platform.artifacts.put(configKey(run.id), Buffer.from(`${JSON.stringify(request.config, null, 2)}\n`));
  await platform.artifacts.put(demonstrationsKey(run.id), Buffer.from(JSON.stringify(demonstrations)));
  await platform.store.createRun(run);
  const { usd } = request.config.budget;
  await platform.store.setBudget(run.id, usd === undefined ? null : Math.round(usd * MICRO));
  return run;
}

/** `<name>-<yyyymmdd>-<hhmmss>-<4 hex digits>`: sorts by time within a name, safe as a file name and an S3 key. */
function newRunId(name: string, iso: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  const stamp = iso.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `${slug === "" ? "run" : slug}-${stamp}-${randomBytes(2).toString("hex")}`;
}
