import { HTTPException } from "hono/http-exception";
import { PausedError, InputError, SeracError, type ErrorCode } from "../../errors/index.ts";
import type { ProblemBody } from "./wire/problem.ts";

export interface Mistaken {
  readonly key: string;
  readonly message: string;
}

interface ProblemOptions {
  readonly hint?: string;
  readonly errors?: readonly Mistaken[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with an answer that is the client's to act on. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: ErrorCode | "internal";
  readonly options: ProblemOptions;

  constructor(status: number, code: ErrorCode | "internal", detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.options = options;
  }
}

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  artifact_missing: 404,
  cloud_throttled: 503,
  fenced: 409,
  key_refused: 401,
  key_unknown: 404,
  model_unknown: 404,
  run_not_resumable: 409,
  run_unknown: 404,
  sample_unknown: 404,
  scope_missing: 403,
  state_conflict: 409,
  usage: 400,
};

const RETRY_SECONDS = "5";

/** What a client is told of anything that was thrown. */
export function problemOf(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  if (thrown instanceof HTTPException)
    return new ApiProblem(thrown.status, "usage", HTTP_DETAILS[thrown.status] ?? "The request cannot be taken.");
  if (!(thrown instanceof SeracError)) return DEFECT;
  const options = thrown.hint === undefined ? {} : { hint: thrown.hint };
  const status = STATUS_OF[thrown.code];
  if (status === 503)
    return new ApiProblem(503, thrown.code, "AWS asks for less at the moment.", { headers: { "retry-after": RETRY_SECONDS } });
  if (status !== undefined) return new ApiProblem(status, thrown.code, thrown.message, options);
  if (thrown instanceof InputError) return new ApiProblem(422, thrown.code, thrown.message, options);
  if (thrown instanceof PausedError) return new ApiProblem(409, thrown.code, thrown.message, options);
  return thrown.code.startsWith("cloud_") ? new ApiProblem(502, thrown.code, CLOUD_DETAIL) : DEFECT;
}

/** Without names of tables, roles and buckets, which are nobody's business but the operator's. */
const CLOUD_DETAIL = "AWS refused what serac asked for. The operator of this deployment finds the request id in the log.";
const DEFECT = new ApiProblem(
  500,
  "internal",
  "serac failed on this request. The operator of this deployment finds the request id in the log.",
);

const HTTP_DETAILS: Readonly<Record<number, string>> = {
  400: "The body is not valid JSON.",
  415: "The body must be JSON: content-type application/json.",
};

export function problemResponse({ status, code, message, options }: ApiProblem, requestId: string): Response {
  const body: ProblemBody = {
    type: `urn:serac:${code}`,
    title: TITLES[status] ?? "Error",
    status,
    detail: message.toWellFormed(),
    code,
    ...(options.hint === undefined ? {} : { hint: options.hint }),
    ...(options.errors === undefined ? {} : { errors: options.errors }),
    requestId,
  };
  return new Response(JSON.stringify(body), { status, headers: { ...options.headers, "content-type": "application/problem+json" } });
}

/** RFC 9110. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};
