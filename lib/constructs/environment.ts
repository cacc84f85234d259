import type { Estate } from "./estate.ts";

/** What lambdas/environment.ts reads. */
export function environmentOf({ bucket, table, queues, sandbox }: Estate, version: string): Record<string, string> {
  return {
    SERAC_TABLE: table.tableName,
    SERAC_BUCKET: bucket.bucketName,
    SERAC_QUEUE_PREPARE: queues.prepare.queue.queueUrl,
    SERAC_QUEUE_WORK: queues.work.queue.queueUrl,
    SERAC_QUEUE_FINISH: queues.finish.queue.queueUrl,
    SERAC_DEAD_PREPARE: queues.prepare.dead.queueUrl,
    SERAC_DEAD_WORK: queues.work.dead.queueUrl,
    SERAC_DEAD_FINISH: queues.finish.dead.queueUrl,
    SERAC_VERSION: version,
    ...(sandbox === null ? {} : { SERAC_SANDBOX: JSON.stringify(sandbox) }),
  };
}
