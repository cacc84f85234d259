import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Subnet } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";

import { jobMemoryMib, MACHINE_SHAPES } from "../../../core/config/cloud/machine-shapes.ts";
import type { MachineCapacity, TrainingOffer as Offer } from "../../../core/config/cloud/training.ts";
import type { Deployment } from "../../deployment/schema.ts";
import { TrainingJob } from "./training-job.ts";
import type { TrainingNetwork } from "./training-network.ts";
import { TrainingMachines, type TrainingMachinesProps, TrainingQueue } from "./training-queue.ts";
import type { TrainingRoles } from "./training-roles.ts";

export type TrainingDeployment = NonNullable<Deployment["training"]>;

export interface TrainingOfferProps {
  readonly deployment: Pick<Deployment, "name"> & { readonly training: TrainingDeployment };
  readonly offered: TrainingDeployment["machines"][number];
  readonly network: TrainingNetwork;
  readonly roles: TrainingRoles;
  readonly logGroup: ILogGroup;
  readonly image: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One type of machine: how it is bought, a queue for each way, and the jobs that run on it. */
export class TrainingOffer extends Construct {
  /** For SERAC_TRAINING. */
  readonly settings: Offer;

  constructor(scope: Construct, id: string, props: TrainingOfferProps) {
    super(scope, id);
    const { deployment, offered, network, roles, logGroup, image, tags } = props;
    const { name, training } = deployment;
    const { type: machine, maxMachines } = offered;
    const shape = MACHINE_SHAPES[machine];
    const slug = `${name}-${machine.replace(".", "-")}`;
    const hasManyNodes = maxMachines > 1 && shape.efaCards > 0;
    const machines = (part: string, given: Partial<TrainingMachinesProps>): TrainingMachines =>
      new TrainingMachines(this, part, {
        machine,
        shape,
        maxMachines,
        isSpot: false,
        // Jobs on several machines cannot use spot ones (AWS Batch, "Multi-node parallel jobs").
        isCluster: hasManyNodes,
        network,
        subnets: network.subnets,
        instanceProfileArn: roles.instanceProfileArn,
        amiId: training.amiId,
        tags,
        ...given,
      });
    const queue = (capacity: MachineCapacity, ...from: readonly TrainingMachines[]): string =>
      new TrainingQueue(this, `${idOf(capacity)}Queue`, { name: `${slug}-${capacity}`, machines: from, waitHours: training.waitHours }).arn;
    const job = (part: string, many: boolean): string =>
      new TrainingJob(this, part, { name: many ? `${slug}-nodes` : slug, image, shape, role: roles.job, logGroup, hasManyNodes: many })
        .name;

    const onDemand = training.onDemand ? machines("OnDemand", {}) : null;
    const spot = training.spot ? machines("Spot", { isSpot: true, isCluster: false }) : null;
    const block = training.capacityBlock?.machine === machine ? machines("Block", this.#blockOf(training.capacityBlock)) : null;
    this.settings = {
      machine,
      maxMachines,
      vcpus: shape.vcpus,
      memoryMib: jobMemoryMib(shape),
      gpus: shape.gpus,
      queues: {
        ...(spot === null ? {} : { spot: queue("spot", spot, ...(onDemand === null ? [] : [onDemand])) }),
        ...(onDemand === null ? {} : { "on-demand": queue("on-demand", onDemand) }),
        ...(block === null ? {} : { block: queue("block", block) }),
      },
      jobDefinitions: { oneNode: job("Job", false), ...(hasManyNodes ? { manyNodes: job("NodesJob", true) } : {}) },
    };
  }

  #blockOf({ reservationId, subnetId }: NonNullable<TrainingDeployment["capacityBlock"]>): Partial<TrainingMachinesProps> {
    return { reservationId, ...(subnetId === undefined ? {} : { subnets: [Subnet.fromSubnetId(this, "BlockSubnet", subnetId)] }) };
  }
}

/** `on-demand` -> `OnDemand`. */
const idOf = (capacity: MachineCapacity): string =>
  capacity
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
