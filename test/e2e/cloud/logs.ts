import { CloudWatchLogsClient, DescribeLogGroupsCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { REGION } from "../../cloud/ministack.ts";
import type { Cloud } from "./cloud.ts";

/** What a function wrote itself, in order; the platform's own lines are no JSON. */
export async function logLinesOf({ ministack }: Cloud, name: string): Promise<Record<string, unknown>[]> {
  const logs = new CloudWatchLogsClient({ endpoint: ministack.endpoint, region: REGION, credentials: ministack.credentials });
  try {
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
    const group = logGroups?.find(({ logGroupName }) => logGroupName?.includes(`${name}FunctionLogs`));
    if (group === undefined) throw new Error(`There is no log of ${name}.`);
    const lines: Record<string, unknown>[] = [];
    let nextToken: string | undefined;
    do {
      const page = await logs.send(new FilterLogEventsCommand({ logGroupName: group.logGroupName!, nextToken }));
      for (const { message = "" } of page.events ?? []) if (message.startsWith("{")) lines.push(JSON.parse(message));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return lines;
  } finally {
    logs.destroy();
  }
}
