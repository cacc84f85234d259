import type { UpstreamFailure } from "../../core/gateway/upstream/upstream.ts";
import { UpstreamError } from "../../core/gateway/upstream/upstream.ts";

/** Node's codes for what may happen on the line. Codes that stand nowhere here: the line broke. */
const FAILURES: Readonly<Record<string, UpstreamFailure>> = {
  ECONNREFUSED: "refused",
  EAI_AGAIN: "unreachable",
  ENOTFOUND: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EINVAL: "unreachable",
  ERR_INVALID_CHAR: "unreachable",
  ETIMEDOUT: "timeout",
  EPROTO: "tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  HOSTNAME_MISMATCH: "tls",
};

const SENTENCES: Readonly<Record<UpstreamFailure, string>> = {
  refused: "The model server refuses connections.",
  reset: "The connection to the model server broke.",
  timeout: "The model server did not answer in time.",
  tls: "The connection to the model server could not be secured.",
  unreachable: "The model server cannot be reached.",
  aborted: "The request was given up.",
};

/** The message names no address: it may reach clients, who need not know where the server stands. */
export function upstreamErrorOf(cause: unknown): UpstreamError {
  if (cause instanceof UpstreamError) return cause;
  const failure = failureOf(cause);
  return new UpstreamError(failure, SENTENCES[failure], cause);
}

function failureOf(cause: unknown): UpstreamFailure {
  // A name with several addresses fails with one error for each.
  if (cause instanceof AggregateError && cause.errors.length > 0) return failureOf(cause.errors[0]);
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return FAILURES[code] ?? (/^(CERT_|ERR_TLS_|ERR_SSL_)/.test(code) ? "tls" : "reset");
}
