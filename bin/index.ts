/** The library: what `import … from "serac"` gives. Small on purpose; the rest is reached through the command line. */
export { resolveConfig, loadConfig } from "../core/config/resolve.ts";
export type { SeracConfig, TeacherConfig } from "../core/config/schema.ts";
export { ConflictError, type ErrorCode, InputError, PausedError, SandboxError, SeracError, TeacherError } from "../core/errors/index.ts";
export type { SkippedFile, SourceFunction, SurveySummary } from "../core/survey/function.ts";
export type { RepositoryFile, RepositorySource } from "../core/survey/repository.ts";
export { type PatchScore, RECALL_RULES, type RecallRule, scorePatches } from "../core/svg/recall/index.ts";
export { openRepository } from "../cli/platform/repository.ts";
export { streamSurvey, type SurveyRules, surveyRepository } from "./library-survey.ts";
