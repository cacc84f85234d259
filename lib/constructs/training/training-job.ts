import { Aws } from "aws-cdk-lib";
import { CfnJobDefinition } from "aws-cdk-lib/aws-batch";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import { jobMemoryMib, type MachineShape } from "../../../core/config/cloud/machine-shapes.ts";
import { SCRATCH } from "./machine-start.ts";

export interface TrainingJobProps {
  readonly name: string;
  readonly image: string;
  readonly shape: MachineShape;
  readonly role: IRole;
  readonly logGroup: ILogGroup;
  /** Whether machines train together. */
  readonly hasManyNodes: boolean;
}

/** What NCCL's processes share among themselves on one machine. MiB. */
const SHARED_MEMORY_MIB = 48 * 1024;
/** With one GPU there is nobody to share with but the loaders of data. */
const SMALL_SHARED_MEMORY_MIB = 8 * 1024;
const UNLIMITED = -1;

/** The trainer's container, as large as the machine. What it trains, and for how long, comes with each job. */
export class TrainingJob extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: TrainingJobProps) {
    super(scope, id);
    const { name, hasManyNodes } = props;
    this.name = name;
    const container = containerOf(props);
    new CfnJobDefinition(this, "Definition", {
      jobDefinitionName: name,
      propagateTags: true,
      ...(hasManyNodes
        ? {
            type: "multinode",
            // A job says how many there are.
            nodeProperties: { mainNode: 0, numNodes: 2, nodeRangeProperties: [{ targetNodes: "0:", container }] },
          }
        : { type: "container", platformCapabilities: ["EC2"], containerProperties: container }),
    });
  }
}

function containerOf({ image, shape, role, logGroup, hasManyNodes }: TrainingJobProps): CfnJobDefinition.ContainerPropertiesProperty {
  return {
    image,
    command: [],
    jobRoleArn: role.roleArn,
    resourceRequirements: [
      { type: "GPU", value: String(shape.gpus) },
      { type: "VCPU", value: String(shape.vcpus) },
      { type: "MEMORY", value: String(jobMemoryMib(shape)) },
    ],
    environment: [
      // Containers of ECS on EC2 are not told.
      { name: "AWS_REGION", value: Aws.REGION },
      { name: "SERAC_SCRATCH", value: SCRATCH },
      ...(hasManyNodes ? [{ name: "SERAC_NETWORK", value: "efa" }] : []),
    ],
    linuxParameters: {
      sharedMemorySize: shape.gpus > 1 ? SHARED_MEMORY_MIB : SMALL_SHARED_MEMORY_MIB,
      // Else what a process leaves behind stays behind.
      initProcessEnabled: false,
      ...(hasManyNodes
        ? { devices: Array.from({ length: shape.efaCards }, (_, card) => ({ hostPath: `/dev/infiniband/uverbs${card}` })) }
        : {}),
    },
    ulimits: [
      // Network cards read and write memory that must not move.
      { name: "memlock", softLimit: UNLIMITED, hardLimit: UNLIMITED },
      { name: "nofile", softLimit: 65_536, hardLimit: 65_536 },
    ],
    volumes: [{ name: "scratch", host: { sourcePath: SCRATCH } }],
    mountPoints: [{ sourceVolume: "scratch", containerPath: SCRATCH, readOnly: false }],
    logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": logGroup.logGroupName, "awslogs-stream-prefix": "trainer" } },
    privileged: false,
    readonlyRootFilesystem: false,
  };
}
