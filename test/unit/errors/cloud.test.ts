import { expect, test } from "vitest";
import { awsName, awsStatus, cloudError } from "../../../core/errors/cloud.ts";
import { InputError, SeracError } from "../../../core/errors/index.ts";

const call = { action: "s3:GetObject", subject: "s3://bucket/key" };

const awsError = (name: string, status?: number, message = "what AWS says"): Error =>
  Object.assign(new Error(message), { name, $metadata: status === undefined ? {} : { httpStatusCode: status } });

test.each([
  ["SlowDown", 503, "cloud_throttled"],
  ["ThrottlingException", 400, "cloud_throttled"],
  ["ProvisionedThroughputExceededException", 400, "cloud_throttled"],
  ["RequestThrottled", 403, "cloud_throttled"],
  ["Whatever", 429, "cloud_throttled"],
  ["AccessDenied", 403, "cloud_denied"],
  ["AccessDeniedException", 400, "cloud_denied"],
  ["403", 403, "cloud_denied"],
  ["CredentialsProviderError", undefined, "cloud_denied"],
  ["NoSuchBucket", 404, "cloud_failed"],
  ["InternalError", 500, "cloud_failed"],
  ["TimeoutError", undefined, "cloud_failed"],
] as const)("%s with status %s is %s", (name, status, code) => {
  const cause = awsError(name, status);
  const error = cloudError(cause, call);
  expect(error).toBeInstanceOf(SeracError);
  expect(error).toMatchObject({ code, cause });
  expect(String(error)).toContain("s3:GetObject on s3://bucket/key");
  expect(String(error)).toContain(`${name}: what AWS says`);
});

test("a denial says which permission is missing", () => {
  expect(cloudError(awsError("AccessDenied", 403), call)).toMatchObject({ hint: expect.stringContaining("needs s3:GetObject") });
});

test("serac's own errors and aborts pass through", () => {
  const own = new InputError("usage", "no");
  const abort = new DOMException("stopped", "AbortError");
  expect(cloudError(own, call)).toBe(own);
  expect(cloudError(abort, call)).toBe(abort);
});

test("the name is AWS's code, or what Node says of the connection", () => {
  expect(awsName(Object.assign(new Error(""), { name: "S3ServiceException", Code: "InvalidPart" }))).toBe("InvalidPart");
  expect(awsName(Object.assign(new Error("x"), { code: "ECONNRESET" }))).toBe("ECONNRESET");
  expect(awsName(Object.assign(new Error(""), { name: "QueueDoesNotExist", Code: "AWS.SimpleQueueService.NonExistentQueue" }))).toBe(
    "QueueDoesNotExist",
  );
  expect(awsName("text")).toBe("text");
  expect(awsStatus(Object.assign(new Error("x"), { code: "ECONNRESET" }))).toBeUndefined();
  expect(awsStatus(awsError("x", 404))).toBe(404);
  expect(awsStatus(null)).toBeUndefined();
});
