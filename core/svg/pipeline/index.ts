export { cancelRun } from "./cancel.ts";
export { createRun, newRunId, type NewRun } from "./create.ts";
export { executeRun } from "./execute.ts";
export type { ExecuteOptions, PrepareOptions } from "./options.ts";
export { retryFailed } from "./retry-failed.ts";
export { summarizeRun } from "./summarize.ts";
