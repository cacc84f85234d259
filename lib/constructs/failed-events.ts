import { Duration, Validations } from "aws-cdk-lib";
import { EventInvokeConfig, type IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

import type { Permission } from "./permissions/permission.ts";

/** Events that a function which nobody waits for could not deal with, for a person to look at. */
export class FailedEvents extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, { retentionPeriod: Duration.days(14), encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true });
    Validations.of(this).acknowledge({ id: "AwsSolutions-SQS3", reason: "It is itself where failures end." });
  }

  /** What the function needs so that Lambda may put its failures here. */
  get permission(): Permission {
    return { sid: "ReportFailures", actions: ["sqs:SendMessage"], resources: [this.queueArn] };
  }

  /** Lambda tries twice more, for an hour at most. */
  catchFrom(target: IFunction): void {
    new EventInvokeConfig(this, `${target.node.scope?.node.id ?? ""}Events`, {
      function: target,
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      // Not SqsDestination, which would also grant what it thinks is needed.
      onFailure: { bind: () => ({ destination: this.queueArn }) },
    });
  }
}
