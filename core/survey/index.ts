export type { SkippedFile, SourceFunction, SurveySummary } from "./function.ts";
export { functionBodies } from "./function-bodies.ts";
export { LANGUAGES } from "./languages/index.ts";
export { streamSurvey, surveyRepository, type SurveyOptions, type SurveyRules } from "./repository-survey.ts";
