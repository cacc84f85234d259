import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseTransferMode,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Deployment } from "../deployment/schema.ts";
import { retentionOf } from "./log-retention.ts";

export interface StreamingApiProps {
  readonly api: Deployment["api"];
  readonly logDays: number;
}

/** As long as API Gateway waits for a whole answer. */
const WHOLE_ANSWER = Duration.seconds(29);
/** As long as a streamed one may take. */
const STREAMED_ANSWER = Duration.minutes(15);

/**
 * Who called what and how it went; neither bodies nor keys. A REST API, since only these stream, and a regional one, since an edge cuts
 * silent streams after 30 s.
 */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    at: AccessLogField.contextRequestTime(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    bytes: AccessLogField.contextResponseLength(),
    latencyMs: AccessLogField.contextResponseLatency(),
    error: AccessLogField.contextErrorMessage(),
  }),
);

export class StreamingApi extends RestApi {
  constructor(scope: Construct, id: string, { api, logDays }: StreamingApiProps) {
    const accessLog = new LogGroup(scope, `${id}Log`, { retention: retentionOf(logDays), removalPolicy: RemovalPolicy.DESTROY });
    super(scope, id, {
      description: "serac: control API and gateway",
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: api.accountLogRole,
      ...(api.accountLogRole ? { cloudWatchRoleRemovalPolicy: RemovalPolicy.DESTROY } : {}),
      deployOptions: {
        stageName: "serac",
        throttlingRateLimit: api.requestsPerSecond,
        throttlingBurstLimit: api.burst,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: ACCESS_LOG,
        loggingLevel: MethodLoggingLevel.ERROR,
        metricsEnabled: true,
        dataTraceEnabled: false,
      },
    });
    Validations.of(this).acknowledge(
      { id: "AwsSolutions-APIG2", reason: "The functions check every request themselves, and say which key of it is wrong." },
      {
        id: "AwsSolutions-APIG3",
        reason: "A firewall costs $5 a month before its first request and inspects 8 kB; who wants one adds it to the stage.",
      },
      { id: "AwsSolutions-APIG4", reason: "The functions check keys by their hash: API Gateway's own would be seen in x-api-key only." },
      { id: "AwsSolutions-COG4", reason: "The callers are programs with keys, not people with passwords." },
      {
        id: "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
        reason: "The role is the account's, and the policy is the one that API Gateway documents for it.",
      },
    );
  }

  /** Answers at `path`, such as `v1`, and below it, when they are whole. */
  answer(path: string, target: IFunction): void {
    this.#route(path, new LambdaIntegration(target, { timeout: WHOLE_ANSWER, allowTestInvoke: false }));
  }

  /** Answers at `path` and below it while they are made. */
  stream(path: string, target: IFunction): void {
    this.#route(path, streamed(target));
  }

  /** The address itself, and nothing below it. */
  streamRoot(target: IFunction): void {
    this.root.addMethod("ANY", streamed(target));
  }

  #route(path: string, integration: LambdaIntegration): void {
    const resource = this.root.resourceForPath(path);
    resource.addMethod("ANY", integration);
    resource.addResource("{proxy+}").addMethod("ANY", integration);
  }
}

/** Without both the mode and the time the answer would be held back and sent as a whole, and nothing would say so. */
const streamed = (target: IFunction): LambdaIntegration =>
  new LambdaIntegration(target, { responseTransferMode: ResponseTransferMode.STREAM, timeout: STREAMED_ANSWER, allowTestInvoke: false });
