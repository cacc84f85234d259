import type { CloudFunction } from "../../core/config/cloud/names.ts";
import type { Deployment } from "../deployment/schema.ts";
import type { Estate } from "./estate.ts";

/** They make, use, or remove machines. */
const WITH_MACHINES: readonly CloudFunction[] = ["prepare", "worker", "finish", "reaper"];

/** What lambdas/environment.ts reads in a function that works on runs. */
export function environmentOf(
  name: CloudFunction,
  { bucket, table, queues, sandbox, training }: Estate,
  version: string,
): Record<string, string> {
  return {
    SERAC_TABLE: table.tableName,
    SERAC_BUCKET: bucket.bucketName,
    SERAC_QUEUE_PREPARE: queues.prepare.queue.queueUrl,
    SERAC_QUEUE_WORK: queues.work.queue.queueUrl,
    SERAC_QUEUE_FINISH: queues.finish.queue.queueUrl,
    SERAC_QUEUE_TRAIN: queues.train.queue.queueUrl,
    SERAC_DEAD_PREPARE: queues.prepare.dead.queueUrl,
    SERAC_DEAD_WORK: queues.work.dead.queueUrl,
    SERAC_DEAD_FINISH: queues.finish.dead.queueUrl,
    SERAC_DEAD_TRAIN: queues.train.dead.queueUrl,
    SERAC_VERSION: version,
    ...(sandbox === null || !WITH_MACHINES.includes(name) ? {} : { SERAC_SANDBOX: JSON.stringify(sandbox) }),
    ...(training === null ? {} : { SERAC_TRAINING: JSON.stringify(training) }),
  };
}

/** What it reads in the gateway, which knows nothing of runs. */
export const gatewayEnvironmentOf = ({ table }: Estate, gateway: NonNullable<Deployment["gateway"]>): Record<string, string> => ({
  SERAC_TABLE: table.tableName,
  SERAC_GATEWAY: JSON.stringify(gateway),
});
