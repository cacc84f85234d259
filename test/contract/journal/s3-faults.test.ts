import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import type { Journal } from "../../../core/agent/journal.ts";
import { createS3Journal } from "../../../drivers/s3/index.ts";
import { newBucket, type TestBucket } from "../../cloud/bucket.ts";
import { injectFaults, inTurn, lostAnswer, neverSent, refusedInXml, type Fault } from "../../cloud/faults.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { manualClock } from "../store/manual-clock.ts";
import { requery } from "./entry.ts";

const stream = "my-run-20260101-000000-abcd-s000007-second2-judge";
const keyOf = (n: string): string => `runs/my-run-20260101-000000-abcd/rollouts/${stream}/journal/${n}.json`;

const moto = useMoto();
let bucket: TestBucket;
let journal: Journal;
beforeEach(async () => {
  bucket = await newBucket(moto.endpoint);
  journal = createS3Journal({ ...bucket, clock: manualClock() });
});

const isPut = ({ method }: { readonly method: string }): boolean => method === "PUT";
const conflict = { name: "ConflictError", code: "journal_conflict" };

test("an entry whose answer was lost is written once, and no conflict", async () => {
  injectFaults(bucket.client, inTurn([lostAnswer], isPut));
  await journal.append(stream, 0, requery("first"));
  expect(await journal.read(stream)).toEqual([requery("first")]);
  await expect(journal.append(stream, 0, requery("second"))).rejects.toMatchObject(conflict);
});

test("writes that meet are tried again; the later one finds the earlier", async () => {
  const meeting = refusedInXml(409, "ConditionalRequestConflict");
  injectFaults(bucket.client, inTurn([meeting, meeting, meeting], isPut));
  await journal.append(stream, 0, requery("first"));
  injectFaults(bucket.client, inTurn([meeting], isPut));
  await expect(journal.append(stream, 0, requery("second"))).rejects.toMatchObject(conflict);
  expect(await journal.read(stream)).toEqual([requery("first")]);
});

test("writes that meet for ever are an error of AWS", async () => {
  injectFaults(bucket.client, (request) => (isPut(request) ? refusedInXml(409, "ConditionalRequestConflict") : null));
  await expect(journal.append(stream, 0, requery("first"))).rejects.toMatchObject({ code: "cloud_failed" });
});

test("an S3 that is busy for longer than the SDK waits loses no entry", async () => {
  const busy = Array.from({ length: 8 }, () => refusedInXml(500, "InternalError"));
  injectFaults(bucket.client, inTurn(busy, isPut));
  await journal.append(stream, 0, requery("paid"));
  expect(await journal.read(stream)).toEqual([requery("paid")]);
});

test.each([
  [503, "SlowDown", "cloud_throttled"],
  [403, "AccessDenied", "cloud_denied"],
])("%i %s is no conflict", async (status, code, expected) => {
  const hasty = await newBucket(moto.endpoint, { maxAttempts: 1 });
  injectFaults(hasty.client, () => refusedInXml(status, code));
  await expect(createS3Journal({ ...hasty, clock: manualClock() }).append(stream, 0, requery("x"))).rejects.toMatchObject({
    code: expected,
  });
});

test("whatever happens to the calls, each number is written once, and the other writer hears of it", async () => {
  const fault = fc.constantFrom<Fault | null>(null, null, lostAnswer, neverSent, refusedInXml(500, "InternalError"));
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 15 }), async (faults) => {
      const target = await newBucket(moto.endpoint, { maxAttempts: 2 });
      const written: string[] = [];
      const journals = [createS3Journal({ ...target, clock: manualClock() }), createS3Journal({ ...target, clock: manualClock() })];
      const left = [...faults];
      injectFaults(target.client, () => left.shift() ?? null);
      for (let n = 0; n < 5; n++) {
        const results = await Promise.allSettled(journals.map((writer, i) => writer.append(stream, n, requery(`${i}-${n}`))));
        expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: conflict });
        written.push(`${results.findIndex(({ status }) => status === "fulfilled")}-${n}`);
      }
      left.length = 0;
      expect(await journals[0]!.read(stream)).toEqual(written.map(requery));
    }),
    { numRuns: 12 },
  );
});

test("the entries of a long rollout, of more than one page, come back in order", async () => {
  for (let from = 0; from < 120; from += 40) {
    await Promise.all(Array.from({ length: 40 }, (_, i) => journal.append(stream, from + i, requery(`${from + i}`))));
  }
  expect(await journal.read(stream)).toEqual(Array.from({ length: 120 }, (_, n) => requery(`${n}`)));
});

test("an entry that somebody took away, or overwrote, is a clear error", async () => {
  for (let n = 0; n < 3; n++) await journal.append(stream, n, requery(`${n}`));
  await bucket.client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key: keyOf("notes"), Body: Buffer.from("x") }));
  expect(await journal.read(stream)).toHaveLength(3);
  await bucket.client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key: keyOf("000001"), Body: Buffer.from("{") }));
  await expect(journal.read(stream)).rejects.toMatchObject({
    code: "record_invalid",
    message: expect.stringContaining("000001.json is not what serac wrote"),
  });
  await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: keyOf("000001") }));
  await expect(journal.read(stream)).rejects.toMatchObject({
    code: "record_invalid",
    message: expect.stringContaining("000001.json is missing"),
  });
});

test.each(["", "a", "run1", "../x-s000001", "run/x-s000001", "run1-s000001-../x", "run1-s000001\n"])("%j is no stream", async (id) => {
  const refused = { name: "InputError", code: "usage" };
  await expect(journal.append(id, 0, requery("x"))).rejects.toMatchObject(refused);
  await expect(journal.read(id)).rejects.toMatchObject(refused);
});

test.each([-1, 0.5, 1_000_000, Number.NaN])("%d is no number of an entry", async (n) => {
  await expect(journal.append(stream, n, requery("x"))).rejects.toThrow(RangeError);
});
