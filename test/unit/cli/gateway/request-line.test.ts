import { expect, test } from "vitest";
import { requestLine } from "../../../../cli/gateway/request-line.ts";
import { costOf, EMPTY_TALLY, tallyText, withRequest } from "../../../../cli/gateway/tally.ts";
import type { RequestRecord } from "../../../../core/gateway/deps.ts";

const RECORD: RequestRecord = {
  at: "2026-11-21T12:03:04.567Z",
  requestId: "req_1",
  route: "/v1/messages",
  keyId: "alice",
  model: "student",
  status: 200,
  error: null,
  durationMs: 2120,
  firstTokenMs: 120,
  inputTokens: 10_234,
  cachedTokens: 9216,
  outputTokens: 201,
};

test("a request on one line", () => {
  expect(requestLine(RECORD)).toBe(
    "12:03:04  /v1/messages  student  200  2.1 s  first 120 ms  in 10,234 (9,216 cached)  out 201, 100/s  key alice\n",
  );
});

test("a refusal", () => {
  const refused = { ...RECORD, keyId: null, model: null, status: 401, error: "authentication_error", durationMs: 0.4, firstTokenMs: null };
  expect(requestLine({ ...refused, inputTokens: 0, cachedTokens: 0, outputTokens: 0 })).toBe(
    "12:03:04  /v1/messages  401 authentication_error  0 ms\n",
  );
});

test("the client's name for a model can neither steer the terminal nor fill it", () => {
  const line = requestLine({ ...RECORD, model: `\u001B[2J\n${"x".repeat(10_000)}` });
  expect(line).toContain("\\x1b[2J x");
  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(line.length).toBeLessThan(220);
});

test("sums and cost", () => {
  const failed = { ...RECORD, error: "api_error", inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
  const tally = [RECORD, RECORD, failed].reduce(withRequest, EMPTY_TALLY);
  expect(tally).toEqual({ requests: 3, failed: 1, inputTokens: 20_468, cachedTokens: 18_432, outputTokens: 402 });
  const price = { input: 1, cachedInput: 0.1, output: 10, isGiven: true };
  expect(costOf(tally, price)).toBe(Math.round(2036 + 1843.2 + 4020));
  expect(tallyText(tally, price)).toBe("3 requests (1 failed), 20,468 tokens in (18,432 cached), 402 out, $0.0079");
  expect(tallyText(EMPTY_TALLY, { ...price, isGiven: false })).toBe("0 requests, 0 tokens in (0 cached), 0 out");
});
