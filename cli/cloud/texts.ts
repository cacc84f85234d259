import { chooseDemonstrations, OWN_DEMONSTRATIONS } from "../../core/svg/describe/demonstrations.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";

const HISTORY_TEXTS = 500;
/** A request may have 1 MB, and the settings are in it, too. */
const MOST_BYTES = 600_000;

/** What the writer of issue texts is shown: the history stays here, so its texts are chosen here. Empty: serac's own. */
export async function demonstrationsToSend(given: readonly string[], repository: RepositorySource): Promise<readonly string[]> {
  const chosen = chooseDemonstrations(given, await repository.changeTexts(HISTORY_TEXTS));
  if (chosen === OWN_DEMONSTRATIONS) return [];
  let bytes = 0;
  return chosen.filter((text) => {
    bytes += Buffer.byteLength(JSON.stringify(text)) + 1;
    return bytes <= MOST_BYTES;
  });
}
