import type { CloudQueue } from "../../../core/config/cloud/names.ts";
import type { Estate } from "../estate.ts";
import type { Permission } from "./permission.ts";

export const sendTasks = ({ queues }: Estate, ...names: readonly CloudQueue[]): Permission => ({
  sid: "SendTasks",
  actions: ["sqs:SendMessage"],
  resources: names.map((name) => queues[name].queue.queueArn),
});

/** What Lambda does for a function that a queue feeds. */
const FEEDING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** For a queue that is none of ours by name. */
export const feedingPermission = (sid: string, queueArn: string): Permission => ({ sid, actions: FEEDING, resources: [queueArn] });

/** The function itself sets when a task that failed comes back. */
export const receiveTasks = ({ queues }: Estate, name: CloudQueue): Permission => ({
  sid: "ReceiveTasks",
  actions: [...FEEDING, "sqs:ChangeMessageVisibility"],
  resources: [queues[name].queue.queueArn],
});

export const receiveDeadTasks = ({ queues }: Estate, ...names: readonly CloudQueue[]): Permission => ({
  sid: "ReceiveDeadTasks",
  actions: FEEDING,
  resources: names.map((name) => queues[name].dead.queueArn),
});

/** How many tasks wait, and how many are dead. */
export const countTasks = ({ queues }: Estate): Permission => ({
  sid: "CountTasks",
  actions: ["sqs:GetQueueAttributes"],
  resources: Object.values(queues).flatMap(({ queue, dead }) => [queue.queueArn, dead.queueArn]),
});
