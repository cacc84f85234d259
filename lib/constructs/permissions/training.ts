import { ArnFormat, Stack, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";

import type { TrainingSettingsInput } from "../../../core/config/cloud/training.ts";
import type { Estate } from "../estate.ts";
import type { Permission } from "./permission.ts";

const arnOf = (scope: Construct, resource: string, resourceName: string): string =>
  Stack.of(scope).formatArn({ service: "batch", resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });

/** ARNs of all job queues, which settings that come from elsewhere may name by their names. */
export const queuesOf = ({ machines }: TrainingSettingsInput, scope: Construct): string[] =>
  machines.flatMap(({ queues }) =>
    Object.values(queues).map((queue) =>
      Token.isUnresolved(queue) || queue.startsWith("arn:") ? queue : arnOf(scope, "job-queue", queue),
    ),
  );

const definitionsOf = ({ machines }: TrainingSettingsInput): string[] =>
  machines.flatMap(({ jobDefinitions: { oneNode, manyNodes } }) => (manyNodes === undefined ? [oneNode] : [oneNode, manyNodes]));

/** Without training: nothing. */
export function submitJobs({ training }: Estate, scope: Construct): Permission[] {
  if (training === null) return [];
  return [
    {
      sid: "SubmitJobs",
      actions: ["batch:SubmitJob"],
      // A definition is named without its revision, which each deployment may change.
      resources: [
        ...queuesOf(training, scope),
        ...definitionsOf(training).flatMap((name) => [arnOf(scope, "job-definition", name), arnOf(scope, "job-definition", `${name}:*`)]),
      ],
      wildcard: "A job runs by the newest revision of its definition.",
    },
    {
      sid: "TagJobs",
      actions: ["batch:TagResource"],
      resources: [arnOf(scope, "job", "*")],
      conditions: { "ForAllValues:StringLike": { "aws:TagKeys": ["serac-*"] } },
      wildcard: "A job has no name before it is submitted.",
    },
    {
      sid: "EndJobs",
      actions: ["batch:TerminateJob"],
      resources: [arnOf(scope, "job", "*")],
      wildcard: "A job has no name before it is submitted.",
    },
    {
      sid: "FollowJobs",
      actions: ["batch:DescribeJobs", "batch:ListJobs"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": Stack.of(scope).region } },
      wildcard: "AWS checks these actions against no resource.",
    },
  ];
}
