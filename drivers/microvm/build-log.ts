import { GetLogEventsCommand, type CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { FAILURE_MARK, prepareFailure, type PrepareFailure } from "./guest/plan.ts";

const LAST_EVENTS = 200;
const LAST_LINES = 20;

/** What a build left behind: our own report of what went wrong, else its last lines. */
export interface BuildReport {
  readonly failure: PrepareFailure | null;
  readonly lastLines: string;
}

/** The log of an image's build, which is the stream of its name. Nothing there, or no permission to look, is an empty report. */
export async function readBuildLog(client: CloudWatchLogsClient, logGroup: string, image: string): Promise<BuildReport> {
  try {
    const { events } = await client.send(
      new GetLogEventsCommand({ logGroupName: logGroup, logStreamName: image, limit: LAST_EVENTS, startFromHead: false }),
    );
    return reportOf((events ?? []).flatMap(({ message }) => (message ?? "").split("\n")));
  } catch {
    // The build's failure is to be told, not this one.
    return { failure: null, lastLines: "" };
  }
}

/** Lines are hostile: what `install` prints is among them, before the report. */
export function reportOf(lines: readonly string[]): BuildReport {
  const marked = lines.findLastIndex((line) => line.includes(FAILURE_MARK));
  const text = lines.filter((line) => line.trim() !== "" && !line.includes(FAILURE_MARK));
  return { failure: marked < 0 ? null : readFailure(lines[marked]!), lastLines: text.slice(-LAST_LINES).join("\n") };
}

function readFailure(line: string): PrepareFailure | null {
  try {
    return prepareFailure.parse(JSON.parse(line.slice(line.indexOf(FAILURE_MARK) + FAILURE_MARK.length)));
  } catch {
    return null;
  }
}
