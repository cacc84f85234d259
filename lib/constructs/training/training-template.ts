import { Fn, Size } from "aws-cdk-lib";
import { CfnLaunchTemplate } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";

import { machineUserData } from "./machine-start.ts";
import type { TrainingNetwork } from "./training-network.ts";

export interface TrainingTemplateProps {
  readonly network: TrainingNetwork;
  /** Network cards with an Elastic Fabric Adapter each; 0: one ordinary interface. */
  readonly efaCards: number;
  /** Of a capacity block. */
  readonly reservationId?: string | undefined;
}

/** The image alone takes some 15 GB; what is trained lies on the machine's own disks. */
const DISK = Size.gibibytes(200);

/** How machines start: with credentials that containers cannot take, an encrypted disk, and the network of their kind. */
export class TrainingTemplate extends Construct {
  readonly specification: { readonly launchTemplateId: string; readonly version: string };

  constructor(scope: Construct, id: string, { network, efaCards, reservationId }: TrainingTemplateProps) {
    super(scope, id);
    const template = new CfnLaunchTemplate(this, "Template", {
      launchTemplateData: {
        // One hop: the machine's own credentials end at the machine, containers have the job's.
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { volumeSize: DISK.toGibibytes(), volumeType: "gp3", encrypted: true, deleteOnTermination: true },
          },
        ],
        userData: Fn.base64(machineUserData().render()),
        ...(efaCards === 0 ? {} : { networkInterfaces: adapters(efaCards, network.group.securityGroupId) }),
        ...(reservationId === undefined
          ? {}
          : {
              instanceMarketOptions: { marketType: "capacity-block" },
              capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId: reservationId } },
            }),
      },
    });
    this.specification = { launchTemplateId: template.ref, version: template.attrLatestVersionNumber };
  }
}

/**
 * One a card; the first one also carries what is no EFA traffic (Amazon EC2, "Maximize network bandwidth on Amazon EC2 instances with
 * multiple network cards").
 */
const adapters = (cards: number, group: string): CfnLaunchTemplate.NetworkInterfaceProperty[] =>
  Array.from({ length: cards }, (_, card) => ({
    networkCardIndex: card,
    deviceIndex: card === 0 ? 0 : 1,
    interfaceType: card === 0 ? "efa" : "efa-only",
    groups: [group],
    deleteOnTermination: true,
  }));
