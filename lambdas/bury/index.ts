import { buryTask } from "../../core/control/bury.ts";
import { SeracError } from "../../core/errors/index.ts";
import { stateEnvironment } from "../environment.ts";
import { openLog } from "../log.ts";
import { once } from "../platform/once.ts";
import { controlPlatform } from "../platform/state.ts";
import { queueHandler } from "../queue/handler.ts";
import { queuesOfDeadLetters } from "./dead-letters.ts";

const queues = once(() => queuesOfDeadLetters(stateEnvironment(process.env)));

/** What failed too often becomes the failure of its sample, or of its run. */
export const handler = queueHandler({
  log: openLog({ function: "bury" }),
  work: async (body, _allowance, { eventSourceARN }) => {
    const queue = queues().get(eventSourceARN.slice(eventSourceARN.lastIndexOf(":") + 1));
    if (queue === undefined)
      throw new SeracError("record_invalid", `A dead letter came from ${eventSourceARN}, which is no queue of serac.`);
    return { queue, outcome: await buryTask(controlPlatform(), queue, body) };
  },
});
