import { finishTask } from "../../core/control/finish.ts";
import { readFinishMessage } from "../../core/control/messages.ts";
import { openLog } from "../log.ts";
import { exportDataset } from "../platform/dataset.ts";
import { sandbox } from "../platform/sandbox.ts";
import { controlPlatform } from "../platform/state.ts";
import { workshopOf } from "../platform/workshop.ts";
import { queueHandler } from "../queue/handler.ts";

const workshop = workshopOf({ sandbox, exportDataset });

/** Exports the dataset of a run whose last sample is final. */
export const handler = queueHandler({
  log: openLog({ function: "finish" }),
  retries: { queue: "finish", tasks: () => controlPlatform().queue },
  work: async (body, { signal }) => {
    const message = readFinishMessage(body);
    const outcome = await finishTask(controlPlatform(), workshop, message, { signal });
    return { run: message.runId, outcome };
  },
});
