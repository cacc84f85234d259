import { readPrepareMessage } from "../../core/control/messages.ts";
import { prepareTask } from "../../core/control/prepare.ts";
import { openLog } from "../log.ts";
import { archives } from "../platform/archives.ts";
import { sandbox } from "../platform/sandbox.ts";
import { controlPlatform } from "../platform/state.ts";
import { openTeacher } from "../platform/teacher.ts";
import { workshopOf } from "../platform/workshop.ts";
import { queueHandler } from "../queue/handler.ts";

const workshop = workshopOf({ archives, sandbox, teacher: openTeacher });

/** Snapshot, install, survey, plan; goes on in a task of its own when time is up. */
export const handler = queueHandler({
  log: openLog({ function: "prepare" }),
  retries: { queue: "prepare", tasks: () => controlPlatform().queue },
  work: async (body, { deadlineMs, signal }) => {
    const message = readPrepareMessage(body);
    const outcome = await prepareTask(controlPlatform(), workshop, message, { deadlineMs, signal });
    return { run: message.runId, nextIndex: message.nextIndex, outcome };
  },
});
