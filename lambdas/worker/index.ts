import { MAX_TASK_RECEIVES } from "../../core/config/cloud/names.ts";
import { workTask } from "../../core/control/work.ts";
import { openLog } from "../log.ts";
import { sandbox } from "../platform/sandbox.ts";
import { controlPlatform } from "../platform/state.ts";
import { openTeacher } from "../platform/teacher.ts";
import { workshopOf } from "../platform/workshop.ts";
import { queueHandler } from "../queue/handler.ts";

const workshop = workshopOf({ sandbox, teacher: openTeacher });

/** Brings a sample forward until it is final or time is up. */
export const handler = queueHandler({
  log: openLog({ function: "worker" }),
  retries: { queue: "work", tasks: () => controlPlatform().queue },
  work: async (sampleId, allowance, { attributes }) => {
    const isLastTry = Number(attributes.ApproximateReceiveCount) >= MAX_TASK_RECEIVES;
    const outcome = await workTask(controlPlatform(), workshop, sampleId, { ...allowance, isLastTry });
    return { sample: sampleId, outcome };
  },
});
