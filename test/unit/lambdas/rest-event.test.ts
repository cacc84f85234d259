import fc from "fast-check";
import { expect, test } from "vitest";
import { requestOf, type RestEvent } from "../../../lambdas/rest-event.ts";

const { signal } = new AbortController();
const event = (more: Partial<RestEvent>): RestEvent => ({
  httpMethod: "POST",
  path: "/v1/messages",
  multiValueHeaders: { "Content-Type": ["application/json"] },
  multiValueQueryStringParameters: null,
  body: "{}",
  isBase64Encoded: false,
  ...more,
});

test("method, path, query, headers and body are the client's", async () => {
  const request = requestOf(
    event({
      multiValueQueryStringParameters: { beta: ["true"], x: ["1", "a b&c"] },
      multiValueHeaders: { "X-Api-Key": ["k"], accept: ["a", "b"] },
    }),
    signal,
  );
  const { pathname, searchParams } = new URL(request.url);
  expect([request.method, pathname]).toEqual(["POST", "/v1/messages"]);
  expect([...searchParams]).toEqual([
    ["beta", "true"],
    ["x", "1"],
    ["x", "a b&c"],
  ]);
  expect(request.headers.get("x-api-key")).toBe("k");
  expect(request.headers.get("accept")).toBe("a, b");
  expect(await request.text()).toBe("{}");
});

test("a request without headers, query and body is one", async () => {
  const request = requestOf(event({ httpMethod: "GET", path: "/health", multiValueHeaders: null, body: null }), signal);
  expect([request.method, request.body, [...request.headers]]).toEqual(["GET", null, []]);
});

test("bodies come as text or in base64, and their length is told as it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, unit: "grapheme" }), fc.boolean(), async (text, isBase64Encoded) => {
      const well = text.toWellFormed();
      const body = isBase64Encoded ? Buffer.from(well).toString("base64") : well;
      const request = requestOf(event({ body, isBase64Encoded, multiValueHeaders: { "content-length": ["1"] } }), signal);
      expect(request.headers.get("content-length")).toBe(String(Buffer.byteLength(well)));
      expect(await new Response(request.body).text()).toBe(await new Response(well).text());
    }),
  );
});

test("a header outside of Latin-1 does not fail the request; one with a line break does", () => {
  expect(requestOf(event({ multiValueHeaders: { "x-name": ["Zoë", "日本"] } }), signal).headers.get("x-name")).toBe(
    "Zoë, %E6%97%A5%E6%9C%AC",
  );
  expect(() => requestOf(event({ multiValueHeaders: { "x-name": ["a\r\nb: c"] } }), signal)).toThrow(TypeError);
});

test("the request is given up when nobody waits for its answer any more", () => {
  const gone = new AbortController();
  const request = requestOf(event({}), gone.signal);
  expect(request.signal.aborted).toBe(false);
  gone.abort();
  expect(request.signal.aborted).toBe(true);
});
