import type { SubmitJobRequest } from "@aws-sdk/client-batch";

/** What AWS Batch refuses of a request to submit a job (SubmitJob and the types of its parts in its API reference). Each is a sentence. */
export function brokenRules(job: SubmitJobRequest): string[] {
  const broken: string[] = [];
  const rule = (isKept: boolean, text: string): void => void (isKept || broken.push(text));
  rule(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(job.jobName ?? ""),
    `the job name ${job.jobName} has other characters than A-Z, a-z, 0-9, - and _, or is too long`,
  );
  rule(typeof job.jobQueue === "string" && job.jobQueue !== "", "jobQueue is missing");
  rule(typeof job.jobDefinition === "string" && job.jobDefinition !== "", "jobDefinition is missing");
  const { attempts = 1, evaluateOnExit = [] } = job.retryStrategy ?? {};
  rule(Number.isInteger(attempts) && attempts >= 1 && attempts <= 10, "retryStrategy.attempts is from 1 to 10");
  rule(evaluateOnExit.length <= 5, "evaluateOnExit has 5 conditions at the most");
  for (const { action, onExitCode, onReason, onStatusReason } of evaluateOnExit) {
    rule(/^(retry|exit)$/i.test(String(action)), `${action} is no action`);
    rule((onExitCode ?? onReason ?? onStatusReason) !== undefined, "a condition asks for something");
    rule(onExitCode === undefined || /^\d+\*?$|^\*$/.test(onExitCode), `onExitCode ${onExitCode} is no number`);
    for (const text of [onReason, onStatusReason])
      rule(text === undefined || /^[A-Za-z0-9.:\s]{0,511}\*?$/.test(text), `the condition ${text} has characters that are not allowed`);
  }
  const seconds = job.timeout?.attemptDurationSeconds;
  rule(seconds === undefined || (Number.isInteger(seconds) && seconds >= 60), "attemptDurationSeconds is at least 60");
  rule(job.nodeOverrides === undefined || job.containerOverrides === undefined, "a job has either nodeOverrides or containerOverrides");
  const containers = [job.containerOverrides, ...(job.nodeOverrides?.nodePropertyOverrides ?? []).map((node) => node.containerOverrides)];
  for (const container of containers) {
    for (const { name } of container?.environment ?? [])
      rule(!String(name).startsWith("AWS_BATCH"), `${name}: variables that begin with AWS_BATCH are the service's own`);
    for (const { type, value } of container?.resourceRequirements ?? [])
      rule(/^(GPU|VCPU|MEMORY)$/.test(String(type)) && /^\d+$/.test(String(value)), `${type} ${value} is no resource`);
  }
  for (const [key, value] of Object.entries(job.tags ?? {}))
    rule(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) && value.length <= 256, `${key} is no tag`);
  return broken;
}
