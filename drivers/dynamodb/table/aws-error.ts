import { awsName, awsStatus, cloudError } from "../../../core/errors/cloud.ts";
import { SeracError } from "../../../core/errors/index.ts";
import { Unavailable } from "./operations.ts";

/** Beside throttling: what DynamoDB says of transactions on one item, and what Node says of connections. */
const PASSING =
  /^(TransactionConflict(Exception)?|TransactionInProgressException|ThrottlingError|InternalServerError|InternalFailure|TimeoutError|RequestTimeout|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EAI_AGAIN)$/;

/** An error of the SDK as one of ours; Unavailable when the same call may work later. */
export function tableError(error: unknown, action: string, tableName: string): unknown {
  const ours = finalError(error, action, tableName);
  const isPassing = PASSING.test(awsName(error)) || (awsStatus(error) ?? 0) >= 500;
  return isPassing || (ours instanceof SeracError && ours.code === "cloud_throttled") ? new Unavailable(action, error) : ours;
}

/** The same when nobody is going to try again. */
export function finalError(error: unknown, action: string, tableName: string): unknown {
  const call = { action: `dynamodb:${action}`, subject: `the table ${tableName}` };
  const name = awsName(error);
  if (/^Transaction(Conflict|InProgress)|^ThrottlingError$/.test(name)) {
    return new SeracError("cloud_throttled", `Too many writers at once for ${call.action} on ${call.subject} (${name})`, {
      hint: "This passes; the work is done again later. If it stays, lower teacher.concurrency.",
      cause: error,
    });
  }
  if (name === "ResourceNotFoundException") {
    return new SeracError("cloud_failed", `There is no table ${tableName} in this account and region.`, {
      hint: "The data stack makes it: deploy it, and check region and account.",
      cause: error,
    });
  }
  return cloudError(error, call);
}
