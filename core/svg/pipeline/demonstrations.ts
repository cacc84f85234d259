import { SeracError } from "../../errors/index.ts";
import type { RepositorySource } from "../../survey/repository.ts";
import type { ArtifactStore } from "../artifacts.ts";
import { chooseDemonstrations } from "../describe/demonstrations.ts";
import { demonstrationsKey, givenDemonstrationsKey } from "../names.ts";

const HISTORY_TEXTS = 500;

/** Chooses what the writer will be shown, once a run: texts the user gave, else the repository's history, else serac's own. */
export async function keepDemonstrations(artifacts: ArtifactStore, runId: string, repository: RepositorySource): Promise<void> {
  if (await artifacts.exists(demonstrationsKey(runId))) return;
  const given = (await textsIn(artifacts, givenDemonstrationsKey(runId))) ?? [];
  const chosen = chooseDemonstrations(given, await repository.changeTexts(HISTORY_TEXTS));
  await artifacts.put(demonstrationsKey(runId), Buffer.from(JSON.stringify(chosen)));
}

export async function demonstrationsOf(artifacts: ArtifactStore, runId: string): Promise<readonly string[]> {
  const chosen = await textsIn(artifacts, demonstrationsKey(runId));
  if (chosen !== null) return chosen;
  throw new SeracError("artifact_missing", `Run ${runId} has no demonstrations, although it is planned.`);
}

async function textsIn(artifacts: ArtifactStore, key: string): Promise<readonly string[] | null> {
  try {
    const texts: readonly string[] = JSON.parse(Buffer.from(await artifacts.get(key)).toString());
    return texts;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  }
}
