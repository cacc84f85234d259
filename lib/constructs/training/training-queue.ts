import { Duration } from "aws-cdk-lib";
import { CfnComputeEnvironment, CfnJobQueue } from "aws-cdk-lib/aws-batch";
import { CfnPlacementGroup, type ISubnet } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";

import type { MachineShape } from "../../../core/config/cloud/machine-shapes.ts";
import type { TrainingMachine } from "../../../core/config/cloud/machines.ts";
import type { TrainingNetwork } from "./training-network.ts";
import { TrainingTemplate } from "./training-template.ts";

export interface TrainingMachinesProps {
  readonly machine: TrainingMachine;
  readonly shape: MachineShape;
  readonly maxMachines: number;
  readonly isSpot: boolean;
  /** Near each other and with their own network, so that they can train together. */
  readonly isCluster: boolean;
  readonly reservationId?: string | undefined;
  readonly network: TrainingNetwork;
  readonly subnets: readonly ISubnet[];
  readonly instanceProfileArn: string;
  readonly amiId: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Machines of one type and one price, none of them while no job wants one. */
export class TrainingMachines extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: TrainingMachinesProps) {
    super(scope, id);
    const { machine, shape, maxMachines, isSpot, isCluster, reservationId, network, subnets, instanceProfileArn, amiId, tags } = props;
    const template = new TrainingTemplate(this, "Start", { network, efaCards: isCluster ? shape.efaCards : 0, reservationId });
    const environment = new CfnComputeEnvironment(this, "Environment", {
      type: "MANAGED",
      state: "ENABLED",
      // Changed in place: a queue that names it must not lose it.
      replaceComputeEnvironment: false,
      updatePolicy: { terminateJobsOnUpdate: false, jobExecutionTimeoutMinutes: Duration.hours(6).toMinutes() },
      computeResources: {
        type: isSpot ? "SPOT" : "EC2",
        allocationStrategy: isSpot ? "SPOT_PRICE_CAPACITY_OPTIMIZED" : "BEST_FIT_PROGRESSIVE",
        minvCpus: 0,
        maxvCpus: shape.vcpus * maxMachines,
        instanceTypes: [machine],
        instanceRole: instanceProfileArn,
        subnets: subnets.map(({ subnetId }) => subnetId),
        securityGroupIds: [network.group.securityGroupId],
        launchTemplate: template.specification,
        ec2Configuration: [{ imageType: "ECS_AL2023_NVIDIA", ...(amiId === undefined ? {} : { imageIdOverride: amiId }) }],
        updateToLatestImageVersion: true,
        ...(isCluster ? { placementGroup: new CfnPlacementGroup(this, "Near", { strategy: "cluster" }).ref } : {}),
        tags: { ...tags },
      },
    });
    this.arn = environment.attrComputeEnvironmentArn;
  }
}

export interface TrainingQueueProps {
  readonly name: string;
  /** In this order: who finds no room in the first goes to the second. */
  readonly machines: readonly TrainingMachines[];
  readonly waitHours: number;
}

/** The least that AWS Batch takes. Nothing gets better by waiting longer. */
const MISCONFIGURED = Duration.minutes(10);

/** Jobs that wait for machines, and are given up where there will be none: the first one holds up all behind it. */
export class TrainingQueue extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, machines, waitHours }: TrainingQueueProps) {
    super(scope, id);
    const giveUp = (reason: string, after: Duration): CfnJobQueue.JobStateTimeLimitActionProperty => ({
      action: "CANCEL",
      state: "RUNNABLE",
      reason,
      maxTimeSeconds: after.toSeconds(),
    });
    const queue = new CfnJobQueue(this, "Queue", {
      jobQueueName: name,
      priority: 1,
      state: "ENABLED",
      computeEnvironmentOrder: machines.map(({ arn }, at) => ({ computeEnvironment: arn, order: at + 1 })),
      jobStateTimeLimitActions: [
        giveUp("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", Duration.hours(waitHours)),
        giveUp("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", MISCONFIGURED),
        giveUp("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", MISCONFIGURED),
      ],
    });
    this.arn = queue.attrJobQueueArn;
  }
}
