import { RemovalPolicy } from "aws-cdk-lib";
import { FlowLogDestination, FlowLogTrafficType, IpAddresses, Subnet, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import type { ISubnet, IVpc } from "aws-cdk-lib/aws-ec2";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Deployment } from "../deployment/schema.ts";
import { retentionOf } from "./log-retention.ts";

export interface ClosedVpcProps {
  /** Left out: a new one. */
  readonly existing: Deployment["sandbox"]["vpc"];
  readonly addresses: string;
  /** Bits of a subnet's part of an address. */
  readonly cidrMask: number;
  /** Whether names are answered. */
  readonly hasNames: boolean;
  readonly logDays: number;
}

export interface ClosedVpc {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
}

/** Subnets without a gateway, in a VPC of their own or in one that is there. */
export function closedVpc(scope: Construct, { existing, ...own }: ClosedVpcProps): ClosedVpc {
  if (existing === undefined) {
    const vpc = create(scope, own);
    return { vpc, subnets: vpc.isolatedSubnets };
  }
  return {
    // By its id alone: a lookup would want credentials at synthesis. Its zones are not asked for, as the subnets are named.
    vpc: Vpc.fromVpcAttributes(scope, "Vpc", { vpcId: existing.id, availabilityZones: ["not asked for"] }),
    subnets: existing.subnetIds.map((subnetId) => Subnet.fromSubnetId(scope, `Subnet-${subnetId}`, subnetId)),
  };
}

function create(scope: Construct, { addresses, cidrMask, hasNames, logDays }: Omit<ClosedVpcProps, "existing">): Vpc {
  const vpc = new Vpc(scope, "Vpc", {
    ipAddresses: IpAddresses.cidr(addresses),
    maxAzs: 2,
    natGateways: 0,
    createInternetGateway: false,
    ...(hasNames ? {} : { enableDnsSupport: false, enableDnsHostnames: false }),
    subnetConfiguration: [{ name: "isolated", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask }],
  });
  // What a machine tried to reach and could not.
  const logGroup = new LogGroup(scope, "Refused", { retention: retentionOf(logDays), removalPolicy: RemovalPolicy.DESTROY });
  vpc.addFlowLog("FlowLog", { destination: FlowLogDestination.toCloudWatchLogs(logGroup), trafficType: FlowLogTrafficType.REJECT });
  return vpc;
}
