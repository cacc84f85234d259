import { RetentionDays } from "aws-cdk-lib/aws-logs";

const isOffered = (days: number): days is RetentionDays => Object.values<unknown>(RetentionDays).includes(days);

/** The settings allow only what CloudWatch offers. */
export function retentionOf(days: number): RetentionDays {
  if (isOffered(days)) return days;
  throw new Error(`CloudWatch Logs does not keep logs for ${days} days.`);
}
