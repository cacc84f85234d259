import { describe, expect, test } from "vitest";
import { SeracError } from "../../../core/errors/index.ts";
import { MAX_RECEIVES, type ReceivedTask } from "../../../core/svg/queue.ts";
import type { Invocation } from "../../../lambdas/invocation.ts";
import type { LogFields } from "../../../lambdas/log.ts";
import type { QueueRecord } from "../../../lambdas/queue/events.ts";
import { queueHandler, type TaskHandler } from "../../../lambdas/queue/handler.ts";

const INVOCATION: Invocation = { awsRequestId: "req-7", functionName: "serac-worker", getRemainingTimeInMillis: () => 60_000 };

const record = (body: string, receives = 1): QueueRecord => ({
  messageId: `m-${body}`,
  receiptHandle: `receipt-${body}`,
  body,
  attributes: { ApproximateReceiveCount: String(receives) },
  eventSourceARN: "arn:aws:sqs:us-east-1:111111111111:work",
});

function behindQueue(work: TaskHandler["work"], retry: (task: ReceivedTask, delayMs: number) => Promise<void> = () => Promise.resolve()) {
  const lines: { fields: LogFields; error?: unknown }[] = [];
  const handler = queueHandler({
    work,
    retries: { queue: "work", tasks: () => ({ retry }) },
    log: { info: (fields) => lines.push({ fields }), error: (fields, error) => lines.push({ fields, error }) },
  });
  return { handler, lines };
}

describe("a function behind a queue", () => {
  test("tells what it did, in one line", async () => {
    const seen: string[] = [];
    const { handler, lines } = behindQueue((body, { owner }) => {
      seen.push(`${owner} ${body}`);
      return Promise.resolve({ sample: body, outcome: "done" });
    });
    expect(await handler({ Records: [record("s1", 2)] }, INVOCATION)).toEqual({ batchItemFailures: [] });
    expect(seen).toEqual(["serac-worker:req-7 s1"]);
    expect(lines).toMatchObject([{ fields: { requestId: "req-7", task: "m-s1", receives: 2, sample: "s1", outcome: "done" } }]);
  });

  test("a task that fails is given back for itself, soon, and later each time", async () => {
    const retried: [string, string, number][] = [];
    const { handler, lines } = behindQueue(
      (body) =>
        body === "good" ? Promise.resolve({ outcome: "done" }) : Promise.reject(new SeracError("record_invalid", "no task of ours")),
      (task, delayMs) => {
        retried.push([task.queue, task.receipt, delayMs]);
        return Promise.resolve();
      },
    );
    const answer = await handler(
      { Records: [record("bad", 1), record("good"), record("worse", 3), record("worst", MAX_RECEIVES)] },
      INVOCATION,
    );
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m-bad" }, { itemIdentifier: "m-worse" }, { itemIdentifier: "m-worst" }]);
    expect(retried).toEqual([
      ["work", "receipt-bad", 5_000],
      ["work", "receipt-worse", 20_000],
      // Nothing but its burial is left.
      ["work", "receipt-worst", 5_000],
    ]);
    expect(lines.map(({ fields }) => fields["outcome"])).toEqual(["failed", "done", "failed", "failed"]);
  });

  test.each([
    ["AWS is too busy", new SeracError("cloud_throttled", "Slow down.")],
    [
      "AWS has a fault",
      new SeracError("cloud_failed", "No.", { cause: Object.assign(new Error("No."), { $metadata: { httpStatusCode: 500 } }) }),
    ],
    ["AWS cannot be reached", new SeracError("cloud_failed", "No.", { cause: Object.assign(new Error("No."), { code: "ECONNREFUSED" }) })],
  ])("a task has the better part of an hour while %s", async (_why, error) => {
    const delays: number[] = [];
    const { handler } = behindQueue(
      () => Promise.reject(error),
      (_task, delayMs) => {
        delays.push(delayMs);
        return Promise.resolve();
      },
    );
    for (let receives = 1; receives < MAX_RECEIVES; receives++) await handler({ Records: [record("s1", receives)] }, INVOCATION);
    expect(delays).toEqual([5_000, 60_000, 300_000, 1_800_000]);
  });

  test("is still told to be failed when it cannot be given back", async () => {
    const { handler, lines } = behindQueue(
      () => Promise.reject(new Error("no")),
      () => Promise.reject(new Error("denied")),
    );
    expect(await handler({ Records: [record("s1")] }, INVOCATION)).toEqual({ batchItemFailures: [{ itemIdentifier: "m-s1" }] });
    expect(lines).toMatchObject([{ fields: { outcome: "failed" } }, { fields: { outcome: "comes back late" } }]);
  });
});
