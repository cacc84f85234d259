import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

export interface MonthlyBudgetProps {
  readonly usd: number;
  readonly topic: ITopic;
  /** Only what carries it counts, once it is activated as a cost allocation tag. Undefined: everything in the account. */
  readonly tag: { readonly key: string; readonly value: string } | undefined;
}

const WARN_PERCENT = 80;
const ALL_PERCENT = 100;

/** What AWS bills in a month: word at 80 %, at all of it, and when the month is going to end above it. */
export class MonthlyBudget extends CfnBudget {
  constructor(scope: Construct, id: string, { usd, topic, tag }: MonthlyBudgetProps) {
    const tell = (notificationType: "ACTUAL" | "FORECASTED", threshold: number): CfnBudget.NotificationWithSubscribersProperty => ({
      notification: { notificationType, threshold, thresholdType: "PERCENTAGE", comparisonOperator: "GREATER_THAN" },
      subscribers: [{ subscriptionType: "SNS", address: topic.topicArn }],
    });
    super(scope, id, {
      budget: {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: usd, unit: "USD" },
        ...(tag === undefined ? {} : { costFilters: { TagKeyValue: [`user:${tag.key}$${tag.value}`] } }),
      },
      notificationsWithSubscribers: [tell("ACTUAL", WARN_PERCENT), tell("ACTUAL", ALL_PERCENT), tell("FORECASTED", ALL_PERCENT)],
    });
  }
}
