import { Duration } from "aws-cdk-lib";
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, type IMetric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

import { CLOUD_QUEUES } from "../../core/config/cloud/names.ts";
import type { Estate } from "./estate.ts";

export interface OverviewProps {
  readonly estate: Pick<Estate, "queues" | "table">;
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly alarms: readonly Alarm[];
}

const FIVE_MINUTES = Duration.minutes(5);
const SUM = { period: FIVE_MINUTES, statistic: Stats.SUM };
const MAXIMUM = { period: FIVE_MINUTES, statistic: Stats.MAXIMUM };
const WIDTH = 12;

/** One page: what waits, what runs, what fails, what is written. */
export class Overview extends Dashboard {
  constructor(scope: Construct, id: string, { estate, functions, alarms }: OverviewProps) {
    super(scope, id, { defaultInterval: Duration.hours(12) });
    const { queues, table } = estate;
    const named = Object.entries(functions);
    const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: WIDTH });
    this.addWidgets(new AlarmStatusWidget({ title: "Alarms", alarms: [...alarms], width: 2 * WIDTH }));
    this.addWidgets(
      graph(
        "Tasks waiting",
        CLOUD_QUEUES.map((name) => queues[name].queue.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: name })),
      ),
      graph(
        "Tasks in work",
        CLOUD_QUEUES.map((name) => queues[name].queue.metricApproximateNumberOfMessagesNotVisible({ ...MAXIMUM, label: name })),
      ),
    );
    this.addWidgets(
      graph(
        "Functions: errors",
        named.map(([label, target]) => target.metricErrors({ ...SUM, label })),
      ),
      graph(
        "Functions: longest, ms",
        named.map(([label, target]) => target.metricDuration({ ...MAXIMUM, label })),
      ),
    );
    this.addWidgets(
      graph("Table: units written and read", [table.metricConsumedWriteCapacityUnits(SUM), table.metricConsumedReadCapacityUnits(SUM)]),
      graph(
        "Functions: throttles",
        named.map(([label, target]) => target.metricThrottles({ ...SUM, label })),
      ),
    );
  }
}
