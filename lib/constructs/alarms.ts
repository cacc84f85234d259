import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, MathExpression, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** SQS drops a task after 14 days. */
const OLD_TASK = Duration.days(7);
/** By then an event was tried three times by Lambda, and twice out of the queue of failures. */
const UNSETTLED = Duration.hours(1);
/** A task is done or goes on as another within the 15 minutes that a function has. */
const STUCK_AFTER = Duration.minutes(60);
const FIVE_MINUTES = Duration.minutes(5);

/** Each says in its description what a person should do. All of them speak through one topic. */
export class Alarms {
  readonly all: Alarm[] = [];
  readonly #scope: Construct;
  readonly #action: SnsAction;

  constructor(scope: Construct, topic: ITopic) {
    this.#scope = scope;
    this.#action = new SnsAction(topic);
  }

  notEmpty(id: string, queue: IQueue): void {
    this.#add(id, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      above: 0,
      periods: 3,
      description: `serac: ${id}: something failed again and again and could not even be written down. Look at the message and at the log of the function.`,
    });
  }

  tooOld(id: string, queue: IQueue): void {
    this.#add(id, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      above: OLD_TASK.toSeconds(),
      periods: 1,
      description: `serac: ${id}: a sample waits for ${OLD_TASK.toDays()} days, and SQS drops it after 14. Raise teacherConcurrency, or cancel a run.`,
    });
  }

  /** For a queue that gives its messages back to their function again and again. */
  unsettled(id: string, queue: IQueue): void {
    this.#add(id, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      above: UNSETTLED.toSeconds(),
      periods: 1,
      description: `serac: ${id}: a drop could not be dealt with for an hour, although it is tried again and again. The log of intake says why.`,
    });
  }

  stuck(id: string, queue: IQueue): void {
    const metric = new MathExpression({
      label: "waiting, and nothing done",
      expression: "IF(waiting > 0 AND FILL(done, 0) < 1, 1, 0)",
      usingMetrics: {
        waiting: queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MINIMUM }),
        done: queue.metricNumberOfMessagesDeleted({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      },
      period: FIVE_MINUTES,
    });
    this.#add(id, {
      metric,
      above: 0,
      periods: STUCK_AFTER.toMinutes() / FIVE_MINUTES.toMinutes(),
      description: `serac: ${id}: tasks wait and none was done for an hour. Look at the errors and throttles of its function.`,
    });
  }

  fails(id: string, target: IFunction): void {
    this.#add(id, {
      metric: target.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
      above: 0,
      periods: 1,
      description: `serac: ${id}: the function broke off, by time or memory, or threw. Its log says why; a task of a queue is tried again.`,
    });
  }

  /** Of all functions of the account in this region: they share one limit. */
  throttled(id: string): void {
    this.#add(id, {
      metric: new Metric({ namespace: "AWS/Lambda", metricName: "Throttles", period: FIVE_MINUTES, statistic: Stats.SUM }),
      above: 0,
      periods: 3,
      description:
        "serac: Lambda starts no more functions in this region. Ask for a higher quota of concurrent executions, or lower teacherConcurrency.",
    });
  }

  refused(id: string, table: ITableV2): void {
    const events = (metricName: string): Metric =>
      new Metric({
        namespace: "AWS/DynamoDB",
        metricName,
        dimensionsMap: { TableName: table.tableName },
        period: FIVE_MINUTES,
        statistic: Stats.SUM,
      });
    this.#add(id, {
      metric: new MathExpression({
        label: "throttled reads and writes",
        expression: "FILL(reads, 0) + FILL(writes, 0)",
        usingMetrics: { reads: events("ReadThrottleEvents"), writes: events("WriteThrottleEvents") },
        period: FIVE_MINUTES,
      }),
      above: 0,
      periods: 3,
      description:
        "serac: DynamoDB refuses requests for a quarter of an hour. They are tried again; if it goes on, lower teacherConcurrency.",
    });
  }

  #add(
    id: string,
    alarm: { readonly metric: IMetric; readonly above: number; readonly periods: number; readonly description: string },
  ): void {
    const added = new Alarm(this.#scope, id, {
      metric: alarm.metric,
      threshold: alarm.above,
      evaluationPeriods: alarm.periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: alarm.description,
    });
    added.addAlarmAction(this.#action);
    this.all.push(added);
  }
}
