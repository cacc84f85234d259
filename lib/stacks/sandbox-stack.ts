import { Aws, ArnFormat, CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from "aws-cdk-lib";
import { Role, ServicePrincipal, SessionTagsPrincipal } from "aws-cdk-lib/aws-iam";
import { NetworkConnector, NetworkConnectorComputeType, NetworkConnectorConfiguration } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import type { MicrovmSettingsInput } from "../../core/config/cloud/microvm.ts";
import { retentionOf } from "../constructs/log-retention.ts";
import { IsolatedNetwork } from "../constructs/isolated-network.ts";
import { ARCHIVE_FOLDER } from "../constructs/permissions/machines.ts";
import { acknowledgeWildcards, policyOf, type Permission } from "../constructs/permissions/permission.ts";
import type { Deployment } from "../deployment/schema.ts";

export interface SandboxStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly bucket: IBucket;
}

/** Where the commands of rollouts run: microVMs that reach nothing, from images that AWS builds once a run. */
export class SandboxStack extends Stack {
  /** For SERAC_SANDBOX. */
  readonly settings: MicrovmSettingsInput;

  constructor(scope: Construct, id: string, { deployment, bucket, ...props }: SandboxStackProps) {
    super(scope, id, { description: "serac: machines for rollouts, without a way out", ...props });
    const { name, sandbox, retention } = deployment;
    const network = new IsolatedNetwork(this, "Network", { existing: sandbox.vpc, logDays: retention.logDays });
    const connector = new NetworkConnector(this, "Egress", {
      configuration: NetworkConnectorConfiguration.vpcEgress({
        computeType: NetworkConnectorComputeType.MICRO_VM,
        vpc: network.vpc,
        vpcSubnets: { subnets: [...network.subnets] },
        securityGroups: [network.group],
      }),
    });
    Validations.of(connector).acknowledge({
      id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSLambdaNetworkConnectorOperatorPolicy]",
      reason: "The service takes the role to make network interfaces; AWS keeps this policy in step with what the service needs.",
    });
    const logGroup = new LogGroup(this, "Builds", {
      logGroupName: `/aws/lambda-microvms/${name}`,
      retention: retentionOf(retention.logDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.settings = {
      // The driver adds another dash, and two of them no deployment's name has: the images of `serac` are not those of `serac-two`.
      imageArnPrefix: this.#lambdaArn(Aws.ACCOUNT_ID, "microvm-image", `${name}-`),
      baseImageArn: this.#lambdaArn("aws", "microvm-image", "al2023-1"),
      baseContainer: sandbox.baseContainer,
      buildRoleArn: this.#buildRole(bucket, logGroup).roleArn,
      logGroup: logGroup.logGroupName,
      // `environment.install` needs package registries; no model's command runs while an image is built.
      buildEgressConnectors: [this.#managedConnector("INTERNET_EGRESS")],
      // The HTTPS endpoint, which answers to holders of a token for one machine and one port. Left out, it would be the same.
      ingressConnectors: [this.#managedConnector("ALL_INGRESS")],
      egressConnectors: [connector.networkConnectorArn],
      memoryMib: sandbox.memoryMib,
      archivePrefix: ARCHIVE_FOLDER,
    };
    new CfnOutput(this, "SandboxSettings", { value: JSON.stringify(this.settings), description: "SERAC_SANDBOX of the functions." });
  }

  /**
   * Reads the archive of an image and writes its log; it never is inside a machine. No condition on the source in its trust: the service
   * gives none when it takes the role (found by aws-samples/sample-autonomous-cloud-coding-agents, ADR-021).
   */
  #buildRole(bucket: IBucket, logGroup: LogGroup): Role {
    const permissions: Permission[] = [
      {
        sid: "ReadArchives",
        actions: ["s3:GetObject"],
        resources: [bucket.arnForObjects(`${ARCHIVE_FOLDER}*`)],
        wildcard: "One archive a run, named at run time, in a folder that holds nothing else.",
      },
      {
        sid: "WriteLog",
        actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      },
    ];
    const role = new Role(this, "BuildRole", {
      description: "serac: builds the images of machines",
      assumedBy: new SessionTagsPrincipal(new ServicePrincipal("lambda.amazonaws.com")),
      inlinePolicies: { permissions: policyOf(permissions) },
    });
    acknowledgeWildcards(role, permissions);
    return role;
  }

  #managedConnector(name: string): string {
    return this.#lambdaArn("aws", "network-connector", `aws-network-connector:${name}`);
  }

  #lambdaArn(account: string, resource: string, resourceName: string): string {
    return this.formatArn({ service: "lambda", account, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }
}
