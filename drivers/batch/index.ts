export { createBatchJobs, type BatchJobsOptions } from "./jobs.ts";
