import { RemovalPolicy } from "aws-cdk-lib";
import { FlowLogDestination, FlowLogTrafficType, IpAddresses, SecurityGroup, Subnet, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import type { ISecurityGroup, ISubnet, IVpc } from "aws-cdk-lib/aws-ec2";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import type { Deployment } from "../deployment/schema.ts";
import { retentionOf } from "./log-retention.ts";

export interface IsolatedNetworkProps {
  /** Left out: a new one. */
  readonly existing: Deployment["sandbox"]["vpc"];
  readonly logDays: number;
}

/** Nothing is routed out of it, so it may be the same in every deployment. */
const ADDRESSES = "10.42.0.0/24";

/** Where a machine's packets end: subnets without a gateway, behind a group that lets nothing out. */
export class IsolatedNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  /** Lets nothing in and nothing out. */
  readonly group: ISecurityGroup;

  constructor(scope: Construct, id: string, { existing, logDays }: IsolatedNetworkProps) {
    super(scope, id);
    this.vpc = existing === undefined ? this.#create(logDays) : this.#take(existing.id);
    this.subnets =
      existing === undefined
        ? this.vpc.isolatedSubnets
        : existing.subnetIds.map((subnetId) => Subnet.fromSubnetId(this, `Subnet-${subnetId}`, subnetId));
    this.group = new SecurityGroup(this, "Nothing", {
      vpc: this.vpc,
      allowAllOutbound: false,
      description: "serac: nothing in, nothing out",
    });
  }

  #create(logDays: number): Vpc {
    const vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr(ADDRESSES),
      maxAzs: 2,
      natGateways: 0,
      createInternetGateway: false,
      // No security group stops packets to the VPC's own resolver, and a question about a name carries data out.
      enableDnsSupport: false,
      enableDnsHostnames: false,
      subnetConfiguration: [{ name: "isolated", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 26 }],
    });
    // What a machine tried to reach and could not.
    const logGroup = new LogGroup(this, "Refused", { retention: retentionOf(logDays), removalPolicy: RemovalPolicy.DESTROY });
    vpc.addFlowLog("FlowLog", { destination: FlowLogDestination.toCloudWatchLogs(logGroup), trafficType: FlowLogTrafficType.REJECT });
    return vpc;
  }

  /** By its id alone: a lookup would want credentials at synthesis. Its zones are not asked for, as the subnets are named. */
  #take(vpcId: string): IVpc {
    return Vpc.fromVpcAttributes(this, "Vpc", { vpcId, availabilityZones: ["not asked for"] });
  }
}
