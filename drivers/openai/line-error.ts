import { TeacherError } from "../../core/errors/index.ts";

const UNTRUSTED = new Set([
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens there: is the server started, and is the port right?",
  ENOTFOUND: "The host name is unknown: check teacher.baseUrl.",
  EAI_AGAIN: "The name server does not answer: check the network.",
  UND_ERR_CONNECT_TIMEOUT: "The host does not answer: check the address, the network and firewalls.",
  ETIMEDOUT: "The host does not answer: check the address, the network and firewalls.",
};

/** What a failure below HTTP means: TLS, refused, reset, cut. Returns a TeacherError found in the chain of causes as it is. */
export function errorOfLine(thrown: unknown, url: string): TeacherError {
  const chain = [...causes(thrown)];
  const own = chain.find((cause) => cause instanceof TeacherError);
  if (own !== undefined) return own;
  const coded = chain.find(
    (cause): cause is Error & { code: string } => cause instanceof Error && "code" in cause && typeof cause.code === "string",
  );
  const code = coded?.code ?? "";
  const detail = coded?.message || (thrown instanceof Error ? thrown.message : String(thrown));

  if (UNTRUSTED.has(code)) {
    return new TeacherError("teacher_tls", `The certificate of ${url} is not trusted (${code}).`, {
      hint: "For a private certificate authority, or a self-signed certificate, set NODE_EXTRA_CA_CERTS to its PEM file and start again.",
      cause: thrown,
    });
  }
  if (code.startsWith("CERT_") || code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return new TeacherError("teacher_tls", `The certificate of ${url} is not valid for it (${code}).`, {
      hint:
        code === "CERT_HAS_EXPIRED" ? "It has expired: renew it on the server." : "Use the host name that the certificate was made for.",
      cause: thrown,
    });
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) {
    return new TeacherError("teacher_tls", `${url} does not speak TLS as expected (${code}).`, {
      hint: "Is it an http:// address? Change the scheme in teacher.baseUrl.",
      cause: thrown,
    });
  }
  const hint = HINTS[code];
  return new TeacherError("teacher_connection", `The connection to the teacher at ${url} failed: ${detail}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: thrown,
  });
}

/** An error, its causes, and the parts of an AggregateError (a host with several addresses), outermost first. */
function* causes(thrown: unknown, depth = 0): Generator {
  if (thrown === undefined || thrown === null || depth > 8) return;
  yield thrown;
  if (thrown instanceof AggregateError) for (const part of thrown.errors) yield* causes(part, depth + 1);
  if (thrown instanceof Error) yield* causes(thrown.cause, depth + 1);
}
