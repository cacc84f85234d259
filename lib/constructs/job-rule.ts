import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

export interface JobRuleProps {
  /** ARNs of job queues. */
  readonly jobQueues: readonly string[];
  readonly target: IQueue;
}

/** Tells a queue of every change of the jobs in these queues. What gets lost on its way the reaper makes up for. */
export class JobRule extends Rule {
  constructor(scope: Construct, id: string, { jobQueues, target }: JobRuleProps) {
    super(scope, id, {
      description: "serac: a training's job changed its state",
      eventPattern: { source: ["aws.batch"], detailType: ["Batch Job State Change"], detail: { jobQueue: [...jobQueues] } },
      targets: [new SqsQueue(target)],
    });
  }
}
