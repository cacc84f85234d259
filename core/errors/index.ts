import type { ErrorCode } from "./codes.ts";

export type { ErrorCode } from "./codes.ts";

export interface ErrorOptions {
  /** One sentence that says what the person can do about it. */
  hint?: string;
  cause?: unknown;
}

/** The one base of everything serac throws on purpose. `message` is for a person, `code` for a program. */
export class SeracError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

/** Bad usage or bad input, found before anything was spent. The CLI exits with 2. */
export class InputError extends SeracError {}

/** The run stopped in a state from which `serac resume` goes on. The CLI exits with 3. */
export class PausedError extends SeracError {}

/** The work goes on elsewhere and was not done by the deadline; the same call again finds it further on. */
export class UnfinishedError extends SeracError {}

/** The sandbox could not do its work; the workspace of this rollout is lost, the run is not. */
export class SandboxError extends SeracError {}

/** Someone else owns this state now: a newer lease, another writer of the same journal entry, a changed row. */
export class ConflictError extends SeracError {}

export interface TeacherErrorOptions extends ErrorOptions {
  /** HTTP status, where the teacher answered at all. */
  status?: number;
  /** What the teacher's retry-after header asks for. */
  retryAfterMs?: number;
}

/** A teacher call that brought no usable reply. `isRetryable` follows the rule of the harness: 429, 408, 5xx and connection errors. */
export class TeacherError extends SeracError {
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: TeacherErrorOptions = {}) {
    super(code, message, options);
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }

  get isRetryable(): boolean {
    return (
      this.code === "teacher_rate_limit" ||
      this.code === "teacher_timeout" ||
      this.code === "teacher_connection" ||
      this.code === "teacher_server" ||
      this.code === "teacher_bad_reply"
    );
  }
}
