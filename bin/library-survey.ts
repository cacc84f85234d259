import type { SeracConfig } from "../core/config/schema.ts";
import type { SourceFunction, SurveySummary } from "../core/survey/function.ts";
import * as core from "../core/survey/repository-survey.ts";
import type { RepositorySource } from "../core/survey/repository.ts";

/** The survey with types of its own: those of core lead to the parser's, which the published package does not carry. */

/** `config.survey` and `config.repo` together. */
export type SurveyRules = SeracConfig["survey"] & Pick<SeracConfig["repo"], "include" | "exclude">;

/** All functions of a repository in a stable order: by path, then by place. */
export function surveyRepository(
  source: RepositorySource,
  rules: SurveyRules,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly functions: readonly SourceFunction[]; readonly summary: SurveySummary }> {
  return core.surveyRepository(source, rules, options);
}

/** Yields the functions one by one, in little memory, and returns the summary. */
export function streamSurvey(
  source: RepositorySource,
  rules: SurveyRules,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<SourceFunction, SurveySummary, void> {
  return core.streamSurvey(source, rules, options);
}
