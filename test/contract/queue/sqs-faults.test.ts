import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { Readable } from "node:stream";
import { beforeEach, expect, test } from "vitest";
import { MAX_BODY_BYTES, type TaskQueue } from "../../../core/svg/queue.ts";
import { createSqsQueue } from "../../../drivers/sqs/index.ts";
import { injectFaults, inTurn, lostAnswer, neverSent, refusedInJson, type Fault, type WireRequest } from "../../cloud/faults.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { newQueues, type TestQueues } from "../../cloud/queues.ts";
import { manualClock } from "../store/manual-clock.ts";

const moto = useMoto({ hasManualQueueClock: true });
let made: TestQueues;
let queue: TaskQueue;
beforeEach(async () => {
  made = await newQueues(moto.endpoint);
  queue = createSqsQueue({ ...made, clock: manualClock(), waitSeconds: 0 });
});

const callOf = (request: WireRequest): string => (request.headers["x-amz-target"] ?? "").replace("AmazonSQS.", "");
const isCall =
  (name: string) =>
  (request: WireRequest): boolean =>
    callOf(request) === name;

async function drain(): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const tasks = await queue.receive("work", 10, 60_000);
    if (tasks.length === 0) return ids.toSorted();
    ids.push(...tasks.map((task) => task.id));
  }
}

const named = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `t${String(i).padStart(3, "0")}`, body: "x" }));

test("the messages of a batch that SQS did not take are sent again, and only those", async () => {
  const refusedFrom =
    (first: number): Fault =>
    async (send) => {
      await (await send()).body.resume().toArray();
      const Failed = Array.from({ length: 10 - first }, (_, i) => ({ Id: String(first + i), Code: "InternalError", SenderFault: false }));
      const Successful = Array.from({ length: first }, (_, i) => ({
        Id: String(i),
        MessageId: "m",
        MD5OfMessageBody: "9dd4e461268c8034f5c8564e155c67a6",
      }));
      return { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify({ Successful, Failed }))]) };
    };
  const sent: number[] = [];
  const fault = inTurn([refusedFrom(7)], isCall("SendMessageBatch"));
  injectFaults(made.client, (request) => {
    if (callOf(request) === "SendMessageBatch") sent.push(JSON.parse(String(request.body)).Entries.length);
    return fault(request);
  });
  await queue.enqueue("work", named(10));
  expect(sent).toEqual([10, 3]);
  expect([...new Set(await drain())]).toEqual(named(10).map((task) => task.id));
});

test("a message that SQS will never take is an error", async () => {
  const answer = { Failed: [{ Id: "0", Code: "InvalidMessageContents", SenderFault: true, Message: "no" }], Successful: [] };
  injectFaults(made.client, () => async () => ({
    statusCode: 200,
    headers: {},
    body: Readable.from([Buffer.from(JSON.stringify(answer))]),
  }));
  await expect(queue.enqueue("work", named(1))).rejects.toMatchObject({
    code: "cloud_failed",
    message: expect.stringContaining("InvalidMessageContents: no"),
  });
});

test("messages that SQS keeps not taking are an error in the end", async () => {
  const answer = { Failed: [{ Id: "0", Code: "RequestThrottled", SenderFault: false }], Successful: [] };
  injectFaults(made.client, () => async () => ({
    statusCode: 200,
    headers: {},
    body: Readable.from([Buffer.from(JSON.stringify(answer))]),
  }));
  await expect(queue.enqueue("work", named(1))).rejects.toMatchObject({ code: "cloud_throttled" });
});

test("calls that fail on their way lose no task", async () => {
  const faults = [lostAnswer, refusedInJson(500, "InternalError"), neverSent, refusedInJson(403, "RequestThrottled")];
  injectFaults(made.client, inTurn(faults, isCall("SendMessageBatch")));
  await queue.enqueue("work", named(35));
  expect([...new Set(await drain())]).toEqual(named(35).map((task) => task.id));
});

test("an acknowledgement whose answer was lost is one", async () => {
  await queue.enqueue("work", named(1));
  const [task] = await queue.receive("work", 1, 1000);
  injectFaults(made.client, inTurn([lostAnswer], isCall("DeleteMessage")));
  await queue.acknowledge(task!);
  expect(await queue.depth("work")).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
});

test.each([
  [400, "MessageNotInflight"],
  [400, "ReceiptHandleIsInvalid"],
])("%i %s: the task is no longer ours", async (status, code) => {
  await queue.enqueue("work", named(1));
  const [task] = await queue.receive("work", 1, 1000);
  injectFaults(made.client, () => refusedInJson(status, code));
  expect(await queue.extend(task!, 1000)).toBe(false);
  await queue.retry(task!, 1000);
  await queue.acknowledge(task!);
});

test.each([
  [403, "AccessDenied", "cloud_denied"],
  [400, "ThrottlingException", "cloud_throttled"],
  [500, "InternalError", "cloud_failed"],
])("what SQS keeps saying is clear: %i %s", async (status, code, expected) => {
  injectFaults(made.client, () => refusedInJson(status, code));
  const error = { code: expected, message: expect.stringContaining(" on work-") };
  const task = { queue: "work", id: "a", body: "a", receipt: "r", receives: 1 };
  await Promise.all([
    expect(queue.enqueue("work", named(1))).rejects.toMatchObject(error),
    expect(queue.receive("work", 1, 1000)).rejects.toMatchObject(error),
    expect(queue.extend(task, 1000)).rejects.toMatchObject(error),
    expect(queue.acknowledge(task)).rejects.toMatchObject(error),
    expect(queue.depth("work")).rejects.toMatchObject(error),
    expect(queue.purge("work")).rejects.toMatchObject(error),
    expect(queue.deadLetters("work")).rejects.toMatchObject(error),
  ]);
});

test("a queue that is not there, in AWS or among ours, is a clear error", async () => {
  const url = made.queues.work.url.replace("work-", "nothing-");
  const elsewhere = createSqsQueue({ ...made, queues: { ...made.queues, work: { url, deadUrl: url } }, clock: manualClock() });
  await expect(elsewhere.receive("work", 1, 1000)).rejects.toMatchObject({
    code: "cloud_failed",
    message: expect.stringMatching(/^There is no queue nothing-/),
  });
  await expect(queue.enqueue("run-x", named(1))).rejects.toMatchObject({
    name: "InputError",
    message: expect.stringContaining("prepare, work, finish"),
  });
});

test("a run's tasks are a group of their own", async () => {
  const entries: { readonly MessageBody: string; readonly MessageGroupId?: string }[] = [];
  injectFaults(made.client, (request) => {
    if (callOf(request) === "SendMessageBatch") entries.push(...JSON.parse(String(request.body)).Entries);
    return null;
  });
  const bodies = ["my-run-s000001", JSON.stringify({ runId: "other-run", nextIndex: 5 }), "plain"];
  await queue.enqueue(
    "work",
    bodies.map((body) => ({ id: body, body })),
  );
  expect(entries.map((entry) => [entry.MessageBody, entry.MessageGroupId])).toEqual([
    ["my-run-s000001", "my-run"],
    [bodies[1], "other-run"],
    ["plain", undefined],
  ]);
  expect(await drain()).toEqual(bodies.toSorted());
});

test("bodies go as they are, up to the most; others are refused before anything is sent", async () => {
  const bodies = ["a", "é \u{1f600}\t\n", "x".repeat(MAX_BODY_BYTES), "y".repeat(MAX_BODY_BYTES)];
  await queue.enqueue(
    "work",
    bodies.map((body, i) => ({ id: String(i), body })),
  );
  const received = [...(await queue.receive("work", 10, 1000)), ...(await queue.receive("work", 10, 1000))];
  expect(received.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((task) => task.body)).toEqual(bodies);
  for (const body of ["", "x".repeat(MAX_BODY_BYTES + 1), "é".repeat(MAX_BODY_BYTES / 2 + 1), "a\u0000b", "\ufffe", "\ud800"]) {
    const tasks = [
      { id: "good", body: "good" },
      { id: "bad", body },
    ];
    await expect(queue.enqueue("work", tasks)).rejects.toMatchObject({
      name: "InputError",
      code: "usage",
      message: expect.stringContaining("task bad"),
    });
  }
  expect(await drain()).toEqual([]);
});

test("a message of somebody else has SQS's id", async () => {
  await made.client.send(new SendMessageCommand({ QueueUrl: made.queues.work.url, MessageBody: "by hand" }));
  const [task] = await queue.receive("work", 1, 1000);
  expect(task).toMatchObject({ body: "by hand", id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test("a queue that was purged a moment ago is emptied by hand", async () => {
  await queue.enqueue("work", named(12));
  injectFaults(made.client, inTurn([refusedInJson(403, "PurgeQueueInProgress")], isCall("PurgeQueue")));
  await queue.purge("work");
  expect(await queue.depth("work")).toEqual({ waiting: 0, inFlight: 0, dead: 0 });
});

test("a delay beyond what SQS has is the longest that it has", async () => {
  await queue.enqueue("work", [{ id: "late", body: "late", delayMs: 86_400_000 }]);
  await moto.passQueueTime(899_000);
  expect(await drain()).toEqual([]);
  await moto.passQueueTime(1_000);
  expect(await drain()).toEqual(["late"]);
});
