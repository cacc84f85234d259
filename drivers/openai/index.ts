export type { LimiterStatus } from "./limiter.ts";
export type { OpenAiTeacher, OpenAiTeacherOptions } from "./teacher.ts";
export { createOpenAiTeacher } from "./teacher.ts";
