import { BatchClient } from "@aws-sdk/client-batch";
import type { TrainingJobs } from "../../core/training/jobs.ts";
import { createBatchJobs } from "../../drivers/batch/index.ts";
import { stateEnvironment, trainingSettings } from "../environment.ts";
import { onceReady } from "./once.ts";

/** Null: no models are trained in this deployment. */
export const trainingJobs = onceReady(async (): Promise<TrainingJobs | null> => {
  const settings = trainingSettings(process.env);
  const { bucket } = stateEnvironment(process.env);
  return settings === null
    ? null
    : createBatchJobs({ client: new BatchClient({ retryMode: "standard", maxAttempts: 5 }), settings, bucket });
});
