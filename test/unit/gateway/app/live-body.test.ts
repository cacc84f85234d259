import { expect, test } from "vitest";
import type { BodyTarget } from "../../../../core/gateway/app/live-body.ts";
import { createLiveAnswer, liveBodyOf } from "../../../../core/gateway/app/live-body.ts";
import { settle } from "./stepped-clock.ts";

const answer = (onLeave = () => {}) => createLiveAnswer({ status: 200, headers: { "x-a": "b" } }, onLeave);

function recorder(takes = true) {
  const log: string[] = [];
  const target: BodyTarget = {
    write: (data) => {
      log.push(typeof data === "string" ? data : `${data.length} bytes`);
      return takes;
    },
    end: () => log.push("end"),
    cut: () => log.push("cut"),
  };
  return { log, target };
}

test("as a web stream it gives what was written before and after the reader came, then ends", async () => {
  const { response, body } = answer();
  body.write("a");
  const read = response.text();
  await settle();
  body.write("ü");
  body.write(new Uint8Array([98]));
  body.end();
  expect(await read).toBe("aüb");
  expect(response.headers.get("x-a")).toBe("b");
});

test("as a web stream it is full at 64 Ki unread, and drained by reading", async () => {
  const { response, body } = answer();
  body.write("x".repeat(65_536));
  expect(body.isFull).toBe(true);
  let isDrained = false;
  const drained = body.drained().then(() => (isDrained = true));
  await settle();
  expect(isDrained).toBe(false);
  const reader = response.body!.getReader();
  expect((await reader.read()).value?.byteLength).toBe(65_536);
  await drained;
  expect(body.isFull).toBe(false);
  body.end();
  expect((await reader.read()).done).toBe(true);
});

test("a cut makes the reader fail: nobody takes it for a whole answer", async () => {
  const { response, body } = answer();
  const read = response.text();
  body.write("half");
  await settle();
  body.cut();
  await expect(read).rejects.toThrow("broken off");
});

test("a reader that cancels is gone: the writer learns it once, waits no more, and may write in vain", async () => {
  let left = 0;
  const { response, body } = answer(() => (left += 1));
  body.write("x".repeat(70_000));
  const drained = body.drained();
  await response.body!.cancel();
  await drained;
  expect(left).toBe(1);
  body.write("more");
  body.end();
  body.leave();
  expect(left).toBe(1);
});

test("a server that takes it over gets everything in order, the end too, even after it", () => {
  const { response, body } = answer();
  body.write("a");
  body.write("b");
  body.end();
  const { log, target } = recorder();
  liveBodyOf(response)!.attach(target);
  expect(log).toEqual(["a", "b", "end"]);
});

test("a server's full buffer holds the writer until it resumes", async () => {
  const { response, body } = answer();
  const { log, target } = recorder(false);
  liveBodyOf(response)!.attach(target);
  body.write("a");
  expect(body.isFull).toBe(true);
  const drained = body.drained();
  body.resume();
  await drained;
  expect(body.isFull).toBe(false);
  body.cut();
  expect(log).toEqual(["a", "cut"]);
});

test("after the end a leaving client is no news", () => {
  let left = 0;
  const { body } = answer(() => (left += 1));
  body.end();
  body.leave();
  expect(left).toBe(0);
});

test("other answers have no live body", () => {
  expect(liveBodyOf(new Response("x"))).toBeNull();
});
