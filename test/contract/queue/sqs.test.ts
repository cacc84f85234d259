import { createSqsQueue } from "../../../drivers/sqs/index.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { newQueues } from "../../cloud/queues.ts";
import { taskQueueContract } from "./task-queue-contract.ts";

const moto = useMoto({ hasManualQueueClock: true });

taskQueueContract("sqs", async (clock) => {
  const made = await newQueues(moto.endpoint);
  return {
    queue: createSqsQueue({ ...made, clock, waitSeconds: 0 }),
    pass: (ms) => moto.passQueueTime(ms),
    close: async () => made.client.destroy(),
  };
});
