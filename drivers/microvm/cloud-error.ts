import { SandboxError, SeracError } from "../../core/errors/index.ts";

/** The names of the service's exceptions (`@aws-sdk/client-lambda-microvms`, models/errors). */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

export const isMissing = (error: unknown): boolean => nameOf(error) === "ResourceNotFoundException";
export const isConflict = (error: unknown): boolean =>
  nameOf(error) === "ConflictException" || nameOf(error) === "ResourceConflictException";

const THROTTLED = new Set(["ThrottlingException", "TooManyRequestsException"]);
const NO_ROOM = new Set(["ServiceQuotaExceededException", "InsufficientCapacityException"]);

/** Worth another try after a while: somebody else's machine ends, a limit is counted anew. */
export const isPassing = (error: unknown): boolean => THROTTLED.has(nameOf(error)) || NO_ROOM.has(nameOf(error)) || isServerFault(error);

const isServerFault = (error: unknown): boolean => {
  const name = nameOf(error);
  return name === "InternalServerException" || name === "ServiceException" || name === "TimeoutError";
};

/**
 * What a call that failed means to a person; `doing` ends "serac could not …". Errors of ours stay what they are. A machine or image that is not there is a
 * SandboxError; what concerns the account is not, since another machine would meet the same.
 */
export function cloudError(error: unknown, doing: string): SeracError {
  if (error instanceof SeracError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const message = `serac could not ${doing}: ${said}`;
  const name = nameOf(error);
  if (isMissing(error)) return new SandboxError("sandbox_failed", message, { cause: error });
  if (name === "AccessDeniedException") {
    const hint =
      "The function's role lacks a permission of the sandbox stack (lambda:RunMicrovm, lambda:PassNetworkConnector, iam:PassRole …).";
    return new SeracError("cloud_denied", message, { hint, cause: error });
  }
  if (THROTTLED.has(name)) {
    return new SeracError("cloud_throttled", message, {
      hint: "AWS takes fewer requests than are made; lower teacher.concurrency.",
      cause: error,
    });
  }
  if (NO_ROOM.has(name)) {
    const hint =
      "The account's microVMs, or their memory, are at their limit: ask for more in Service Quotas, or lower teacher.concurrency.";
    return new SeracError("cloud_throttled", message, { hint, cause: error });
  }
  return new SeracError("cloud_failed", message, { cause: error });
}
