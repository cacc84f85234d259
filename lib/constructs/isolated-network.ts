import { SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { ISecurityGroup, ISubnet, IVpc } from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";

import type { Deployment } from "../deployment/schema.ts";
import { closedVpc } from "./closed-vpc.ts";

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
    // No security group stops packets to the VPC's own resolver, and a question about a name carries data out.
    const { vpc, subnets } = closedVpc(this, { existing, addresses: ADDRESSES, cidrMask: 26, hasNames: false, logDays });
    this.vpc = vpc;
    this.subnets = subnets;
    this.group = new SecurityGroup(this, "Nothing", {
      vpc: this.vpc,
      allowAllOutbound: false,
      description: "serac: nothing in, nothing out",
    });
  }
}
