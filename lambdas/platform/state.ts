import type { ControlPlatform } from "../../core/control/platform.ts";
import { systemClock } from "../../core/errors/clock.ts";
import { createDynamoStore } from "../../drivers/dynamodb/index.ts";
import { createS3Artifacts, createS3Facts, createS3Journal } from "../../drivers/s3/index.ts";
import { createSqsQueue } from "../../drivers/sqs/index.ts";
import { stateEnvironment, trainingSettings } from "../environment.ts";
import { dynamoClient, s3Client, sqsClient } from "./clients.ts";
import { once, onceReady } from "./once.ts";

/** Only the control API makes links, and what signs them takes a while to load. */
const links = onceReady(async () => {
  const { createS3Links } = await import("../../drivers/s3/links.ts");
  return createS3Links(bucket());
});

const environment = once(() => stateEnvironment(process.env));
const bucket = once(() => ({ client: s3Client(), bucket: environment().bucket }));

/** The AWS drivers behind the ports of core, once a process. InputError("config_invalid") when the environment is not complete. */
export const controlPlatform = once((): ControlPlatform => {
  const { table, queues, version } = environment();
  const store = createDynamoStore({ client: dynamoClient(), tableName: table, clock: systemClock });
  return {
    store,
    drops: store,
    keys: store,
    models: store,
    training: trainingSettings(process.env),
    version,
    journal: createS3Journal(bucket()),
    artifacts: createS3Artifacts(bucket()),
    queue: createSqsQueue({ client: sqsClient(), queues, clock: systemClock }),
    clock: systemClock,
    links: {
      download: async (key, options) => (await links()).download(key, options),
      upload: async (key, options) => (await links()).upload(key, options),
    },
    factsOf: createS3Facts(bucket()),
  };
});
