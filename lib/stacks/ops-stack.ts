import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

import { CLOUD_QUEUES } from "../../core/config/cloud/names.ts";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { Alarms } from "../constructs/alarms.ts";
import type { Estate } from "../constructs/estate.ts";
import type { FailedEvents } from "../constructs/failed-events.ts";
import { queuesOf } from "../constructs/permissions/training.ts";
import { TrainingNews } from "../constructs/training/training-news.ts";
import { MonthlyBudget } from "../constructs/monthly-budget.ts";
import { Overview } from "../constructs/overview.ts";
import type { Deployment } from "../deployment/schema.ts";
import { DEPLOYMENT_TAG } from "../tags.ts";

export interface OpsStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly estate: Estate;
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly failedDrops: FailedEvents;
}

/** What a person looks at, and what wakes one. */
export class OpsStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, estate, functions, failedDrops, ...props }: OpsStackProps) {
    super(scope, id, { description: "serac: dashboard, alarms, budget", ...props });
    const topic = new AlarmTopic(this, "Topic", { email: deployment.email });
    const alarms = new Alarms(this, topic);
    for (const name of CLOUD_QUEUES) {
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      alarms.notEmpty(`${title}DeadLetters`, estate.queues[name].dead);
      alarms.stuck(`${title}Stuck`, estate.queues[name].queue);
    }
    alarms.unsettled("FailedDrops", failedDrops);
    alarms.tooOld("OldestSample", estate.queues.work.queue);
    for (const [name, target] of Object.entries(functions)) alarms.fails(`${name.charAt(0).toUpperCase()}${name.slice(1)}Errors`, target);
    alarms.throttled("Throttles");
    alarms.refused("TableThrottles", estate.table);
    const { training } = estate;
    if (training !== null) new TrainingNews(this, "Training", { jobQueues: queuesOf(training, this), topic });
    new MonthlyBudget(this, "Budget", {
      usd: deployment.monthlyBudgetUsd,
      topic,
      tag: deployment.budgetCounts === "deployment" ? { key: DEPLOYMENT_TAG, value: deployment.name } : undefined,
    });
    const overview = new Overview(this, "Overview", { estate, functions, alarms: alarms.all });
    new CfnOutput(this, "Dashboard", { value: overview.dashboardName });
    new CfnOutput(this, "AlarmTopic", { value: topic.topicArn, description: "Subscribe to hear of alarms." });
  }
}
