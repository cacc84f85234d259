import { afterAll, beforeAll } from "vitest";
import { createSqsQueue } from "../../../drivers/sqs/index.ts";
import { MOTO_START_MS, startMoto, type Moto } from "../../cloud/moto.ts";
import { newQueues } from "../../cloud/queues.ts";
import { taskQueueContract } from "./task-queue-contract.ts";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto({ hasManualQueueClock: true });
}, MOTO_START_MS);
afterAll(() => moto.stop());

taskQueueContract("sqs", async (clock) => {
  const made = await newQueues(moto.endpoint);
  return {
    queue: createSqsQueue({ ...made, clock, waitSeconds: 0 }),
    pass: (ms) => moto.passQueueTime(ms),
    close: async () => made.client.destroy(),
  };
});
