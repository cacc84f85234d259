import { type Duration, RemovalPolicy, type Size } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function, LoggingFormat, Runtime, type FunctionProps } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import type { CloudFunction } from "../../core/config/cloud/names.ts";
import { retentionOf } from "./log-retention.ts";
import { acknowledgeWildcards, policyOf, type Permission } from "./permissions/permission.ts";

export interface BundledFunctionProps extends Pick<FunctionProps, "description" | "reservedConcurrentExecutions"> {
  readonly bundle: CloudFunction;
  /** Folder of a bundle. */
  readonly assets: (bundle: CloudFunction) => string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /** Of /tmp. Left out: the 512 MB that cost nothing. */
  readonly storage?: Size;
  readonly logDays: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
}

/** A bundle on Node 24, arm64, with a log of its own and a role that may do what is listed and nothing else. */
export class BundledFunction extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const { bundle, assets, memoryMb, timeout, storage, logDays, environment, permissions, ...rest } = props;
    const logGroup = new LogGroup(this, "Logs", { retention: retentionOf(logDays), removalPolicy: RemovalPolicy.DESTROY });
    const role = roleOf(this, [...permissions, logWriting(logGroup)]);
    this.function = new Function(this, "Function", {
      ...rest,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(assets(bundle)),
      handler: "index.handler",
      role,
      memorySize: memoryMb,
      timeout,
      ...(storage === undefined ? {} : { ephemeralStorageSize: storage }),
      // The functions write JSON themselves.
      loggingFormat: LoggingFormat.TEXT,
      logGroup,
      environment,
    });
  }
}

function roleOf(scope: Construct, permissions: readonly Permission[]): Role {
  const role = new Role(scope, "Role", {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: { permissions: policyOf(permissions) },
  });
  acknowledgeWildcards(role, permissions);
  return role;
}

const logWriting = (logGroup: LogGroup): Permission => ({
  sid: "Log",
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  // CloudFormation's ARN of a log group ends with `:*` and so covers its streams.
  resources: [logGroup.logGroupArn],
});
