import { Stack } from "aws-cdk-lib";
import { GatewayVpcEndpointAwsService, InterfaceVpcEndpointAwsService, Peer, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { ISubnet, IVpc } from "aws-cdk-lib/aws-ec2";
import { AnyPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

import type { Deployment } from "../../deployment/schema.ts";
import { closedVpc } from "../closed-vpc.ts";

export interface TrainingNetworkProps {
  /** Left out: a new one. */
  readonly existing: NonNullable<Deployment["training"]>["vpc"];
  readonly bucket: IBucket;
  readonly logDays: number;
}

/** Machines with many network cards take as many addresses each. Nothing is routed out of it. */
const ADDRESSES = "10.43.0.0/20";

/** What the agent of ECS, the image and the log need (Amazon ECS, "Interface VPC endpoints"; Amazon ECR, "Interface VPC endpoints"). */
const SERVICES = {
  Ecr: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Ecs: InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
};

/** Where machines train: no way out but to AWS's own services, and among them to one bucket. */
export class TrainingNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly group: SecurityGroup;

  constructor(scope: Construct, id: string, { existing, bucket, logDays }: TrainingNetworkProps) {
    super(scope, id);
    const { vpc, subnets } = closedVpc(this, { existing, addresses: ADDRESSES, cidrMask: 22, hasNames: true, logDays });
    this.vpc = vpc;
    this.subnets = subnets;
    this.group = new SecurityGroup(this, "Machines", {
      vpc: this.vpc,
      allowAllOutbound: false,
      description: "serac: machines that train, among themselves and to AWS",
    });
    // EFA wants all of it, in both directions (AWS Batch, "Elastic Fabric Adapter").
    this.group.addIngressRule(this.group, Port.allTraffic(), "machines that train together");
    this.group.addEgressRule(this.group, Port.allTraffic(), "machines that train together");
    // S3 has public addresses, also behind an endpoint; routes lead to nothing else.
    this.group.addEgressRule(Peer.anyIpv4(), Port.HTTPS, "AWS's services, as far as the network leads there");
    if (existing === undefined) this.#addEndpoints(bucket);
  }

  #addEndpoints(bucket: IBucket): void {
    const { region } = Stack.of(this);
    const s3 = this.vpc.addGatewayEndpoint("S3", { service: GatewayVpcEndpointAwsService.S3 });
    const allow = (sid: string, actions: string[], resources: string[]): void =>
      s3.addToPolicy(new PolicyStatement({ sid, principals: [new AnyPrincipal()], actions, resources }));
    allow("OwnBucket", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], [bucket.arnForObjects("*")]);
    allow("OwnList", ["s3:ListBucket"], [bucket.bucketArn]);
    // Layers of images (Amazon ECR, "Minimum Amazon S3 bucket permissions for Amazon ECR") and the system's packages (Amazon Linux 2023, "AL2023 repositories").
    allow("Layers", ["s3:GetObject"], [`arn:${Stack.of(this).partition}:s3:::prod-${region}-starport-layer-bucket/*`]);
    allow("Packages", ["s3:GetObject"], [`arn:${Stack.of(this).partition}:s3:::al2023-repos-${region}-de612dc2/*`]);
    const [first] = this.subnets;
    for (const [name, service] of Object.entries(SERVICES))
      this.vpc.addInterfaceEndpoint(name, {
        service,
        // In one zone, which the other reaches as well: each costs by the hour, also while nothing is trained.
        subnets: { subnets: first === undefined ? [] : [first] },
        securityGroups: [this.group],
        open: false,
      });
  }
}
