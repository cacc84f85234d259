import { EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

export interface TrainingNewsProps {
  /** ARNs of job queues. */
  readonly jobQueues: readonly string[];
  readonly topic: ITopic;
}

/** What a person should hear of: AWS Batch counts neither failed jobs nor waiting ones, but says when there is one. */
export class TrainingNews extends Construct {
  constructor(scope: Construct, id: string, { jobQueues, topic }: TrainingNewsProps) {
    super(scope, id);
    const job = EventField.fromPath("$.detail.jobName");
    const why = EventField.fromPath("$.detail.statusReason");
    new Rule(this, "Failed", {
      description: "serac: a training failed",
      eventPattern: {
        source: ["aws.batch"],
        detailType: ["Batch Job State Change"],
        detail: { jobQueue: [...jobQueues], status: ["FAILED"] },
      },
      targets: [
        this.#tell(topic, `serac: the training ${job} failed (${why}). serac models show names the reason; the job's log says more.`),
      ],
    });
    new Rule(this, "Blocked", {
      description: "serac: a training finds no machine, and holds up all behind it",
      eventPattern: { source: ["aws.batch"], detailType: ["Batch Job Queue Blocked"], detail: { jobQueue: [...jobQueues] } },
      targets: [
        this.#tell(
          topic,
          `serac: the training ${job} waits and finds no machine (${why}). It is given up after training.waitHours; offer other machines, or ask for a quota.`,
        ),
      ],
    });
  }

  #tell(topic: ITopic, text: string): SnsTopic {
    return new SnsTopic(topic, { message: RuleTargetInput.fromText(text) });
  }
}
