import { trainTask } from "../../core/control/training/train-task.ts";
import { openLog } from "../log.ts";
import { trainingJobs } from "../platform/training-jobs.ts";
import { exportTrainingData } from "../platform/training-data.ts";
import { controlPlatform } from "../platform/state.ts";
import { workshopOf } from "../platform/workshop.ts";
import { queueHandler } from "../queue/handler.ts";

const workshop = workshopOf({ exportTrainingData, jobs: trainingJobs });

/** Brings a model to its job, and its record to what AWS Batch says of that. */
export const handler = queueHandler({
  log: openLog({ function: "train" }),
  retries: { queue: "train", tasks: () => controlPlatform().queue },
  work: async (body, { signal }) => {
    const { modelId, outcome } = await trainTask(controlPlatform(), workshop, body, { signal });
    return { model: modelId, outcome };
  },
});
