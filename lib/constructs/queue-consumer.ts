import { EventSourceMapping, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

export interface QueueConsumerProps {
  readonly queue: IQueue;
  readonly target: IFunction;
  /** Tasks at once, from 2 to 1000. Beyond it tasks stay in the queue and are not counted as received. */
  readonly maxConcurrency: number;
}

/**
 * Feeds a function from a queue, one task at a time, each failing for itself. Not through SqsEventSource, which would also grant what
 * it thinks is needed: permissions are written in one place.
 */
export class QueueConsumer extends EventSourceMapping {
  constructor(scope: Construct, id: string, { queue, target, maxConcurrency }: QueueConsumerProps) {
    super(scope, id, { eventSourceArn: queue.queueArn, target, batchSize: 1, maxConcurrency, reportBatchItemFailures: true });
  }
}
