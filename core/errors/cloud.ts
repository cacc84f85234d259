import { SeracError } from "./index.ts";

/** One call of AWS, for a message: the permission it takes, and what it was made on. */
export interface CloudCall {
  /** As policies write it: `s3:GetObject`. */
  readonly action: string;
  /** `s3://bucket/key`, the name of a queue, a table, a secret. */
  readonly subject: string;
}

/** What AWS services call the same thing: those that the SDK's retries know, and the rest as seen in their API references. */
const THROTTLED = new Set([
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "KmsThrottled",
  "LimitExceededException",
  "OverLimit",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "ServiceQuotaExceededException",
  "ServiceUnavailable",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

const DENIED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AllAccessDisabled",
  "AuthFailure",
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "KmsAccessDenied",
  "SignatureDoesNotMatch",
  "TokenProviderError",
  "UnauthorizedOperation",
  "UnrecognizedClientException",
]);

/**
 * An error of an AWS SDK, which has tried again as often as that helps, as SeracError `cloud_throttled`, `cloud_denied` or
 * `cloud_failed`. Errors of serac's own and aborts come back as they are.
 */
export function cloudError(error: unknown, { action, subject }: CloudCall): unknown {
  if (error instanceof SeracError || awsName(error) === "AbortError") return error;
  const status = awsStatus(error);
  const name = awsName(error);
  const said = error instanceof Error && error.message !== "" && error.message !== name ? `${name}: ${error.message}` : name;
  if (THROTTLED.has(name) || status === 429 || status === 503) {
    return new SeracError("cloud_throttled", `AWS is too busy for ${action} on ${subject} (${said})`, {
      hint: "This passes; the work is done again later. If it stays, lower teacher.concurrency or ask AWS for a higher quota.",
      cause: error,
    });
  }
  if (DENIED.has(name) || status === 401 || status === 403) {
    return new SeracError("cloud_denied", `AWS refuses ${action} on ${subject} (${said})`, {
      hint: `Whoever runs this needs ${action} on it, and kms:Decrypt and kms:GenerateDataKey where a key of the account's own encrypts it.`,
      cause: error,
    });
  }
  return new SeracError("cloud_failed", `${action} on ${subject} failed (${said})`, { cause: error });
}

/** Whether a SeracError tells of what passes without anybody doing something: too many calls, a fault of AWS's own, a broken connection. */
export function isPassingFault(error: unknown): boolean {
  if (!(error instanceof SeracError)) return false;
  if (error.code !== "cloud_failed") return error.code === "cloud_throttled";
  const status = awsStatus(error.cause);
  return status === undefined ? /^(?:E[A-Z_]+|TimeoutError)$/.test(awsName(error.cause)) : status >= 500;
}

/** The code that AWS gave an error, or what Node says of the connection. */
export function awsName(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The name of a class that stands for any error says no more than Error does.
  if (!/^(?:Error|\w+ServiceException)$/.test(error.name)) return error.name;
  if ("Code" in error && typeof error.Code === "string") return error.Code;
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** The HTTP status of AWS's answer; undefined where there was none. */
export function awsStatus(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}
