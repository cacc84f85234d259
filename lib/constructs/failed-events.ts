import { Duration, Validations } from "aws-cdk-lib";
import { EventInvokeConfig, type IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

import type { Permission } from "./permissions/permission.ts";
import { feedingPermission } from "./permissions/tasks.ts";
import { QueueConsumer } from "./queue-consumer.ts";

/** By then what was too much for AWS, or broken, may be over. */
const PAUSE = Duration.minutes(15);
/** As AWS advises for queues that feed functions: six times the time limit of the one that they feed. */
const HIDDEN = Duration.minutes(30);
const AT_ONCE = 2;

/**
 * Events that a function which nobody waits for could not deal with. It gets them again every half an hour, until it has dealt with them
 * or a person has.
 */
export class FailedEvents extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      retentionPeriod: Duration.days(14),
      deliveryDelay: PAUSE,
      visibilityTimeout: HIDDEN,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(this).acknowledge({ id: "AwsSolutions-SQS3", reason: "It is itself where failures end." });
  }

  /** What the function needs so that Lambda may put its failures here, and give them back. */
  get permissions(): Permission[] {
    return [
      { sid: "ReportFailures", actions: ["sqs:SendMessage"], resources: [this.queueArn] },
      feedingPermission("ReceiveFailures", this.queueArn),
    ];
  }

  /** Lambda tries twice more, for an hour at most. */
  catchFrom(target: IFunction): void {
    const name = target.node.scope?.node.id ?? "";
    new EventInvokeConfig(this, `${name}Events`, {
      function: target,
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      // Not SqsDestination, which would also grant what it thinks is needed.
      onFailure: { bind: () => ({ destination: this.queueArn }) },
    });
    new QueueConsumer(this, `${name}Source`, { queue: this, target, maxConcurrency: AT_ONCE });
  }
}
