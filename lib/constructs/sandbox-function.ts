import { ArnFormat, Duration, RemovalPolicy, Size, Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import { Architecture, Code, Function, Handler, Runtime, TenancyConfig } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import type { IsolatedNetwork } from "./isolated-network.ts";
import { retentionOf } from "./log-retention.ts";
import { acknowledgeWildcards, policyOf, type Permission } from "./permissions/permission.ts";

export interface SandboxFunctionProps {
  readonly name: string;
  /** Folder with the Dockerfile of the image and what goes into it. */
  readonly image: string;
  readonly baseContainer: string;
  readonly network: IsolatedNetwork;
  readonly memoryMb: number;
  readonly diskMb: number;
  readonly logDays: number;
}

/** No invocation waits as long: results are asked for every few seconds. */
const TIMEOUT = Duration.seconds(60);
const LOG_ACTIONS = ["logs:CreateLogStream", "logs:PutLogEvents"];

/**
 * The function whose environments are the machines of rollouts: one a tenant, never another's. What runs there is written by a model, so what its role may
 * do for the service to run it is denied to whoever acts from inside.
 */
export class SandboxFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: SandboxFunctionProps) {
    super(scope, id);
    const { name, image, baseContainer, network, memoryMb, diskMb, logDays } = props;
    const logGroup = new LogGroup(this, "Logs", { retention: retentionOf(logDays), removalPolicy: RemovalPolicy.DESTROY });
    this.function = new Function(this, "Function", {
      // Its role has to know it, and so it cannot be named after it was made.
      functionName: name,
      description: "serac: commands of rollouts, an environment each",
      runtime: Runtime.FROM_IMAGE,
      handler: Handler.FROM_IMAGE,
      code: Code.fromAssetImage(image, { platform: Platform.LINUX_ARM64, buildArgs: { BASE_IMAGE: baseContainer } }),
      architecture: Architecture.ARM_64,
      tenancyConfig: TenancyConfig.PER_TENANT,
      // A copy that cannot be added to: the construct would give it a policy of AWS's that may do the same everywhere.
      role: this.#role(name, logGroup).withoutPolicyUpdates(),
      memorySize: memoryMb,
      ephemeralStorageSize: Size.mebibytes(diskMb),
      timeout: TIMEOUT,
      logGroup,
      vpc: network.vpc,
      vpcSubnets: { subnets: [...network.subnets] },
      securityGroups: [network.group],
    });
  }

  #role(name: string, logGroup: LogGroup): Role {
    const permissions: Permission[] = [
      {
        sid: "AttachNetwork",
        actions: [
          "ec2:CreateNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:DeleteNetworkInterface",
          "ec2:AssignPrivateIpAddresses",
          "ec2:UnassignPrivateIpAddresses",
        ],
        resources: ["*"],
        wildcard: "The service attaches the function to its subnets in this role's name, as AWSLambdaVPCAccessExecutionRole says it.",
      },
      { sid: "Log", actions: LOG_ACTIONS, resources: [logGroup.logGroupArn] },
    ];
    const policy = policyOf(permissions);
    // The key stands in every request with the credentials of an environment, and in those for logs, but in no other of the service's own (AWS, "Using
    // source function ARN to control function access behavior").
    policy.addStatements(
      new PolicyStatement({
        sid: "NothingFromInside",
        effect: Effect.DENY,
        notActions: LOG_ACTIONS,
        resources: ["*"],
        conditions: { ArnLike: { "lambda:SourceFunctionArn": `${this.#arn(name)}*` } },
      }),
    );
    const role = new Role(this, "Role", {
      description: "serac: runs commands of rollouts, which may do nothing with it",
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { permissions: policy },
    });
    acknowledgeWildcards(role, permissions);
    return role;
  }

  #arn(name: string): string {
    return Stack.of(this).formatArn({
      service: "lambda",
      resource: "function",
      resourceName: name,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}
