import { Aws } from "aws-cdk-lib";
import { CfnInstanceProfile, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";

import { BASES_PREFIX, MODELS_PREFIX } from "../../../core/config/cloud/names.ts";
import { acknowledgeWildcards, policyOf, type Permission } from "../permissions/permission.ts";

export interface TrainingRolesProps {
  readonly bucket: IBucket;
  readonly key: IKey | undefined;
  readonly logGroup: ILogGroup;
}

const AMONG = "One folder a model, made at run time; a job's role cannot be told which one is its own.";
/** What the trainer writes of a model: neither its job nor its data, which stay as they were written (core/training/names.ts). */
const WRITTEN = ["checkpoints/*", "model/*", "metrics.jsonl", "progress.json", "result.json"];
/** Older checkpoints, a publication that broke off, and how the try before ended. */
const REMOVED = ["checkpoints/*", "model/*", "result.json"];

/** What machines may do, and what the trainer in them may. */
export class TrainingRoles extends Construct {
  readonly instanceProfileArn: string;
  readonly job: Role;

  constructor(scope: Construct, id: string, { bucket, key, logGroup }: TrainingRolesProps) {
    super(scope, id);
    const machine = this.#role("Machine", "ec2.amazonaws.com", "serac: machines that train", ofMachines(logGroup));
    this.instanceProfileArn = new CfnInstanceProfile(this, "Profile", { roles: [machine.roleName] }).attrArn;
    this.job = this.#role("Job", "ecs-tasks.amazonaws.com", "serac: the trainer", ofTrainer(bucket, key));
  }

  #role(id: string, service: string, description: string, permissions: readonly Permission[]): Role {
    const role = new Role(this, id, {
      description,
      assumedBy: new ServicePrincipal(
        service,
        service.startsWith("ecs") ? { conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } } } : {},
      ),
      inlinePolicies: { permissions: policyOf(permissions) },
    });
    acknowledgeWildcards(role, permissions);
    return role;
  }
}

/** As AmazonEC2ContainerServiceforEC2Role has it, without what other uses of ECS need. */
const ofMachines = (logGroup: ILogGroup): Permission[] => [
  {
    sid: "JoinCluster",
    actions: [
      "ecs:DeregisterContainerInstance",
      "ecs:DiscoverPollEndpoint",
      "ecs:Poll",
      "ecs:RegisterContainerInstance",
      "ecs:StartTelemetrySession",
      "ecs:SubmitAttachmentStateChanges",
      "ecs:SubmitContainerStateChange",
      "ecs:SubmitTaskStateChange",
      "ecs:UpdateContainerInstancesState",
    ],
    resources: ["*"],
    conditions: { StringEquals: { "aws:RequestedRegion": Aws.REGION } },
    wildcard: "AWS Batch makes the cluster, and gives it a name that nobody knows before.",
  },
  {
    sid: "EnterRegistry",
    actions: ["ecr:GetAuthorizationToken"],
    resources: ["*"],
    wildcard: "AWS checks this action against no resource.",
  },
  {
    sid: "LoadImages",
    actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    resources: [`arn:${Aws.PARTITION}:ecr:${Aws.REGION}:${Aws.ACCOUNT_ID}:repository/*`],
    wildcard: "The image may be one of the account's own, in any of its repositories.",
  },
  { sid: "WriteLog", actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [logGroup.logGroupArn] },
];

const ofTrainer = (bucket: IBucket, key: IKey | undefined): Permission[] => [
  {
    sid: "ListObjects",
    actions: ["s3:ListBucket"],
    resources: [bucket.bucketArn],
    conditions: { StringLikeIfExists: { "s3:prefix": [`${MODELS_PREFIX}*`, `${BASES_PREFIX}*`] } },
  },
  {
    sid: "ReadObjects",
    actions: ["s3:GetObject"],
    resources: [`${MODELS_PREFIX}*`, `${BASES_PREFIX}*`].map((folder) => bucket.arnForObjects(folder)),
    wildcard: AMONG,
  },
  {
    sid: "WriteObjects",
    actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
    resources: WRITTEN.map((part) => bucket.arnForObjects(`${MODELS_PREFIX}*/${part}`)),
    wildcard: AMONG,
  },
  {
    sid: "RemoveObjects",
    actions: ["s3:DeleteObject"],
    resources: REMOVED.map((part) => bucket.arnForObjects(`${MODELS_PREFIX}*/${part}`)),
    wildcard: AMONG,
  },
  ...(key === undefined ? [] : [{ sid: "UseKey", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [key.keyArn] }]),
];
