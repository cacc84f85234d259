import { expect, test } from "vitest";
import { UpstreamError } from "../../../../core/gateway/upstream/upstream.ts";
import { upstreamErrorOf } from "../../../../drivers/upstream/line-error.ts";

const coded = (code: string) => Object.assign(new Error(`connect ${code} 10.1.2.3:8000`), { code });

test.each([
  ["ECONNREFUSED", "refused"],
  ["ENOTFOUND", "unreachable"],
  ["ETIMEDOUT", "timeout"],
  ["ETIMEDOUT", "timeout"],
  ["ECONNRESET", "reset"],
  ["UND_ERR_SOCKET", "reset"],
  ["HPE_INVALID_CONSTANT", "reset"],
  ["CERT_HAS_EXPIRED", "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
] as const)("%s is %s, and no address is told", (code, failure) => {
  const error = upstreamErrorOf(coded(code));
  expect(error.failure).toBe(failure);
  expect(error.message).not.toContain("10.1.2.3");
});

test("of a name with several addresses the first error tells", () => {
  expect(upstreamErrorOf(new AggregateError([coded("ECONNREFUSED"), coded("ETIMEDOUT")])).failure).toBe("refused");
});

test("an upstream error stays what it is", () => {
  const error = new UpstreamError("aborted", "given up");
  expect(upstreamErrorOf(error)).toBe(error);
});
