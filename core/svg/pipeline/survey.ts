import { InputError } from "../../errors/index.ts";
import type { SourceFunction, SurveySummary } from "../../survey/function.ts";
import { streamSurvey } from "../../survey/index.ts";
import type { ArtifactStore } from "../artifacts.ts";
import { functionsKey, skippedKey } from "../names.ts";
import type { StatePlatform } from "../platform.ts";
import type { RunRecord } from "../store.ts";
import { jsonLines } from "./json-lines.ts";
import type { PrepareOptions } from "./options.ts";

/** The list of what was skipped is written last. */
export const isSurveyed = (artifacts: ArtifactStore, runId: string): Promise<boolean> => artifacts.exists(skippedKey(runId));

/** Writes the repository's functions down as they are found. InputError("no_functions"). */
export async function surveyRun(
  { artifacts }: Pick<StatePlatform, "artifacts">,
  run: RunRecord,
  { repository, onEvent, signal }: PrepareOptions,
): Promise<void> {
  onEvent({ event: "stage", stage: "survey" });
  const found = streamSurvey(repository, { ...run.config.survey, ...run.config.repo }, { signal });
  const summary = Promise.withResolvers<SurveySummary>();
  async function* functions(): AsyncGenerator<SourceFunction> {
    summary.resolve(yield* found);
  }
  await artifacts.put(functionsKey(run.id), jsonLines(functions()));
  const surveyed = await summary.promise;
  onEvent({ event: "surveyed", ...surveyed });
  if (surveyed.functions === 0) throw noFunctions(run, surveyed.files, surveyed.skipped.length);
  await artifacts.put(skippedKey(run.id), jsonLines(surveyed.skipped));
}

function noFunctions(run: RunRecord, files: number, skipped: number): InputError {
  return new InputError("no_functions", `No functions were found in ${run.repository} (${files} source files read, ${skipped} skipped).`, {
    hint: "`serac survey <repo>` lists what was skipped and why; repo.include, repo.exclude and survey.skipTests in serac.yaml decide.",
  });
}
