import { PassThrough, type Writable } from "node:stream";
import { beforeAll, expect, test } from "vitest";
import { createLiveAnswer, type LiveAnswer } from "../../../core/gateway/app/live-body.ts";
import type { RestEvent } from "../../../lambdas/rest-event.ts";
import type { StreamedOptions } from "../../../lambdas/streamed.ts";

type Handler = (event: RestEvent, stream: Writable) => Promise<void>;

const heads = new WeakMap<Writable, object>();
let streamed: (options: StreamedOptions) => Handler;

beforeAll(async () => {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (handler: Handler) => handler,
      HttpResponseStream: { from: (stream: Writable, head: object) => (heads.set(stream, head), stream) },
    },
  });
  ({ streamed } = await import("../../../lambdas/streamed.ts"));
});

const EVENT: RestEvent = {
  httpMethod: "GET",
  path: "/",
  multiValueHeaders: null,
  multiValueQueryStringParameters: null,
  body: null,
  isBase64Encoded: false,
};
const textOf = async (stream: PassThrough): Promise<string> => Buffer.concat(await stream.toArray()).toString();
const settled = () => Promise.resolve();

function liveStage(stream = new PassThrough()) {
  const left = Promise.withResolvers<void>();
  const live: LiveAnswer = createLiveAnswer({ status: 200, headers: { "content-type": "text/event-stream" } }, left.resolve);
  const handled = streamed({ fetch: () => live.response, settled })(EVENT, stream);
  return { stream, handled, body: live.body, left: left.promise };
}

test("a whole answer goes out with its status and headers", async () => {
  const stream = new PassThrough();
  const fetch = () => Response.json({ a: 1 }, { status: 418, headers: { "request-id": "r" } });
  await streamed({ fetch, settled })(EVENT, stream);
  expect(heads.get(stream)).toEqual({ statusCode: 418, headers: { "content-type": "application/json", "request-id": "r" } });
  expect(await textOf(stream)).toBe('{"a":1}');
});

test("an answer without a body ends, too", async () => {
  const stream = new PassThrough();
  await streamed({ fetch: () => new Response(null, { status: 204 }), settled })(EVENT, stream);
  expect(heads.get(stream)).toMatchObject({ statusCode: 204 });
  expect(await textOf(stream)).toBe("");
});

test("a live answer goes out piece by piece", async () => {
  const { stream, body } = liveStage();
  body.write("one ");
  expect(String((await stream[Symbol.asyncIterator]().next()).value)).toBe("one ");
});

test("what a live answer held before is not lost, and its end is the handler's", async () => {
  const { stream, handled, body } = liveStage();
  body.write("one ");
  body.write(new TextEncoder().encode("two"));
  body.end();
  await handled;
  expect(await textOf(stream)).toBe("one two");
});

test("a client that reads slowly holds the writer back until it has read", async () => {
  const { stream, handled, body } = liveStage(new PassThrough({ highWaterMark: 10 }));
  await new Promise(setImmediate);
  body.write("x".repeat(100));
  expect(body.isFull).toBe(true);
  const caughtUp = body.drained();
  const read = textOf(stream);
  await caughtUp;
  expect(body.isFull).toBe(false);
  body.end();
  await handled;
  expect(await read).toHaveLength(100);
});

test("a stream that closes in the midst of an answer leaves it", async () => {
  const { stream, handled, body, left } = liveStage();
  body.write("one");
  await new Promise(setImmediate);
  stream.destroy(new Error("gone"));
  await expect(Promise.all([left, handled])).resolves.toBeDefined();
});

test("a stream that closes before there is an answer aborts the request", async () => {
  const stream = new PassThrough();
  let left = 0;
  const fetch = async ({ signal }: Request): Promise<Response> => {
    stream.destroy();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return createLiveAnswer({ status: 200 }, () => (left += 1)).response;
  };
  await streamed({ fetch, settled })(EVENT, stream);
  expect(left).toBe(1);
});

test("an answer that is broken off fails the invocation", async () => {
  const { handled, body } = liveStage();
  body.write("one");
  body.cut();
  await expect(handled).rejects.toThrow("broken off");
});

test("the function is not done before its accounts are", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stream = new PassThrough();
  let isDone = false;
  const handled = streamed({ fetch: () => new Response("ok"), settled: () => promise })(EVENT, stream).then(() => (isDone = true));
  expect(await textOf(stream)).toBe("ok");
  await new Promise(setImmediate);
  expect(isDone).toBe(false);
  resolve();
  await handled;
});

test("what no request can be made of is answered, not thrown", async () => {
  const stream = new PassThrough();
  const broken = { ...EVENT, multiValueHeaders: { "bad name": ["x"] } };
  await streamed({ fetch: () => new Response("never"), settled })(broken, stream);
  expect(heads.get(stream)).toMatchObject({ statusCode: 400 });
});
