import { parentPort } from "node:worker_threads";
import { answer } from "./answer.ts";
import { openGrammars } from "./grammars.ts";
import type { Reply, Task } from "./protocol.ts";

const port = parentPort;
if (port === null) throw new Error("the survey's parser runs in a thread of its own");
const grammars = await openGrammars();

port.on("message", (task: Task) => {
  void answer(task, grammars)
    .catch(() => null)
    .then((result) => port.postMessage({ result, memoryBytes: grammars.memoryBytes() } satisfies Reply));
});
