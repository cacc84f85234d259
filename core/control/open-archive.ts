import type { RepositorySource } from "../survey/repository.ts";
import { notesKey } from "../svg/names.ts";
import type { RunRecord } from "../svg/store.ts";
import { lazyRepository } from "./lazy-repository.ts";
import type { ControlPlatform, Workshop } from "./platform.ts";

/** The run's repository, unpacked when it is first read; which commit it is and what there is to say of it is written down then. */
export function openArchive(platform: ControlPlatform, workshop: Workshop, run: RunRecord, signal: AbortSignal): RepositorySource {
  return lazyRepository({ origin: run.repository, commit: run.commit }, async () => {
    const { archive, config, repository, id } = run;
    const source = await workshop.archives.open(archive!.key, { commit: config.repo.commit, origin: repository, signal });
    try {
      if (source.notes.length > 0) await platform.artifacts.put(notesKey(id), Buffer.from(JSON.stringify(source.notes)));
      if (source.commit !== run.commit) await platform.store.changeRun(id, ["preparing"], { commit: source.commit });
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  });
}
