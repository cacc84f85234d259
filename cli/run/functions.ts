import type { SeracConfig } from "../../core/config/schema.ts";
import { InputError } from "../../core/errors/index.ts";
import { streamSurvey } from "../../core/survey/index.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import { openRepository } from "../platform.ts";

/** Looks for a first function, so that a repository without any is told before the teacher is asked and anything is made. InputError("no_functions"). */
export async function requireFunctions(repository: RepositorySource, config: SeracConfig): Promise<void> {
  const survey = streamSurvey(repository, { ...config.survey, ...config.repo });
  const first = await survey.next();
  if (first.done !== true) {
    await survey.return({ functions: 0, files: 0, skipped: [] });
    return;
  }
  const { files, skipped } = first.value;
  throw new InputError(
    "no_functions",
    `No functions were found in ${repository.origin} (${files} source files read, ${skipped.length} skipped).`,
    {
      hint: "`serac survey <repo>` lists what was skipped and why; repo.include, repo.exclude and survey.skipTests in serac.yaml decide.",
    },
  );
}

/** How many functions the survey finds in the repository of the settings. */
export async function countFunctions(config: SeracConfig): Promise<number> {
  const repository = await openRepository(config.repo.source, config.repo.commit);
  try {
    const survey = streamSurvey(repository, { ...config.survey, ...config.repo });
    for (;;) {
      const next = await survey.next();
      if (next.done === true) return next.value.functions;
    }
  } finally {
    await repository.close();
  }
}
