import { CLOUD_QUEUES, type CloudQueue } from "../../core/config/cloud/names.ts";
import type { StateEnvironment } from "../environment.ts";

/** By the name of the queue of dead letters, which ends its address and its ARN. */
export function queuesOfDeadLetters({ queues }: StateEnvironment): ReadonlyMap<string, CloudQueue> {
  return new Map(CLOUD_QUEUES.map((queue) => [queues[queue].deadUrl.slice(queues[queue].deadUrl.lastIndexOf("/") + 1), queue]));
}
