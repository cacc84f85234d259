import type { EvaluateOnExit, RetryStrategy } from "@aws-sdk/client-batch";

export interface EndedAttempt {
  readonly exitCode: number | null;
  readonly statusReason: string;
  readonly reason: string | null;
}

/**
 * Whether AWS Batch would try again after `attempts` attempts: the first condition that fits decides, and where none fits it is tried again
 * (AWS, "Automated job retries"; RetryStrategy and EvaluateOnExit in its API reference).
 */
export function isTriedAgain(strategy: RetryStrategy | undefined, attempts: number, ended: EndedAttempt): boolean {
  if (attempts >= (strategy?.attempts ?? 1)) return false;
  const fitting = (strategy?.evaluateOnExit ?? []).find((condition) => fits(condition, ended));
  return fitting === undefined || String(fitting.action).toUpperCase() === "RETRY";
}

function fits({ onStatusReason, onReason, onExitCode }: EvaluateOnExit, { statusReason, reason, exitCode }: EndedAttempt): boolean {
  const asked = [
    [onStatusReason, statusReason],
    [onReason, reason],
    [onExitCode, exitCode === null ? null : String(exitCode)],
  ] as const;
  return asked.every(([pattern, text]) => pattern === undefined || (text !== null && isLike(pattern, text)));
}

/** Patterns may end with an asterisk, and letters match in either case. */
function isLike(pattern: string, text: string): boolean {
  const [wanted, found] = [pattern.toLowerCase(), text.toLowerCase()];
  return wanted.endsWith("*") ? found.startsWith(wanted.slice(0, -1)) : found === wanted;
}
