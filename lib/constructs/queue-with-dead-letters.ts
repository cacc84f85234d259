import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption, type IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

export interface QueueWithDeadLettersProps {
  /** Of the function that works on its tasks. A task is hidden for six times as long, as AWS advises for queues that feed functions. */
  readonly timeout: Duration;
  readonly maxReceives: number;
}

/** The longest that SQS offers: a sample may wait its turn for days, and a dead letter for a person. */
const KEPT = Duration.days(14);
const VISIBILITY_FACTOR = 6;

export class QueueWithDeadLetters extends Construct {
  readonly queue: IQueue;
  readonly dead: IQueue;

  constructor(scope: Construct, id: string, { timeout, maxReceives }: QueueWithDeadLettersProps) {
    super(scope, id);
    const kept = { retentionPeriod: KEPT, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    const visibilityTimeout = Duration.seconds(timeout.toSeconds() * VISIBILITY_FACTOR);
    this.dead = new Queue(this, "Dead", { ...kept, visibilityTimeout });
    this.queue = new Queue(this, "Queue", {
      ...kept,
      visibilityTimeout,
      deadLetterQueue: { queue: this.dead, maxReceiveCount: maxReceives },
    });
  }
}
