import { PutObjectCommand } from "@aws-sdk/client-s3";
import { setTimeout } from "node:timers/promises";
import { Transform } from "node:stream";
import { beforeEach, expect, test } from "vitest";
import { byCodePoint } from "../../../core/svg/artifact-key.ts";
import type { ArtifactStore } from "../../../core/svg/artifacts.ts";
import { createS3Artifacts, createS3Facts } from "../../../drivers/s3/index.ts";
import { newBucket, type TestBucket } from "../../cloud/bucket.ts";
import { cutAfter, injectFaults, inTurn, lostAnswer, neverSent, refusedInXml, type WireAnswer } from "../../cloud/faults.ts";
import { useMoto } from "../../cloud/use-moto.ts";

const MIB = 2 ** 20;

const moto = useMoto();
let bucket: TestBucket;
let artifacts: ArtifactStore;
beforeEach(async () => {
  bucket = await newBucket(moto.endpoint);
  artifacts = createS3Artifacts(bucket);
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const numbers = (bytes: number): Buffer => Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, i) => i).buffer);

test("a busy S3, a broken one and lost answers are asked again", async () => {
  injectFaults(bucket.client, inTurn([refusedInXml(503, "SlowDown"), lostAnswer]));
  await artifacts.put("a", Buffer.from("content"));
  injectFaults(bucket.client, inTurn([refusedInXml(500, "InternalError"), neverSent]));
  expect(Buffer.from(await artifacts.get("a")).toString()).toBe("content");
});

test.each([
  [503, "SlowDown", "cloud_throttled"],
  [403, "AccessDenied", "cloud_denied"],
  [500, "InternalError", "cloud_failed"],
])("what S3 keeps saying is clear: %i %s", async (status, code, expected) => {
  injectFaults(bucket.client, () => refusedInXml(status, code));
  const error = { code: expected, message: expect.stringContaining(`s3://${bucket.bucket}/runs/r/x`) };
  await Promise.all([
    expect(artifacts.get("runs/r/x")).rejects.toMatchObject(error),
    expect(artifacts.put("runs/r/x", Buffer.from("x"))).rejects.toMatchObject(error),
    expect(artifacts.exists("runs/r/x")).rejects.toMatchObject({ code: expected }),
    expect(artifacts.remove("runs/r/x")).rejects.toMatchObject(error),
    expect(collect(artifacts.list("runs/r/x"))).rejects.toMatchObject(error),
  ]);
});

test("a refusal says that S3 tells of missing objects only whoever may list", async () => {
  injectFaults(bucket.client, () => refusedInXml(403, "AccessDenied"));
  await expect(artifacts.get("a")).rejects.toMatchObject({ hint: expect.stringContaining(`s3:ListBucket on ${bucket.bucket}`) });
});

test("a bucket that is not there is no missing artefact", async () => {
  const elsewhere = createS3Artifacts({ ...bucket, bucket: "bucket-of-nobody" });
  const error = { code: "cloud_failed", message: "There is no bucket bucket-of-nobody." };
  await expect(elsewhere.get("a")).rejects.toMatchObject(error);
  await expect(elsewhere.put("a", new Uint8Array())).rejects.toMatchObject(error);
  await expect(collect(elsewhere.list(""))).rejects.toMatchObject(error);
});

test("an object whose connection breaks is read on where it broke", async () => {
  const content = numbers(4 * MIB);
  await artifacts.put("a", content);
  const ranges: unknown[] = [];
  const cuts = [cutAfter(1 * MIB + 3), cutAfter(5), cutAfter(2 * MIB)];
  injectFaults(bucket.client, ({ headers }) => {
    ranges.push(headers["range"]);
    return cuts.shift() ?? null;
  });
  expect(Buffer.concat(await collect(artifacts.stream("a"))).equals(content)).toBe(true);
  expect(ranges).toEqual([undefined, `bytes=${MIB + 3}-`, `bytes=${MIB + 8}-`, `bytes=${3 * MIB + 8}-`]);
});

test("an object that is replaced while its connection breaks is no mixture of both", async () => {
  await artifacts.put("a", numbers(4 * MIB));
  const writer = createS3Artifacts({ client: bucket.client, bucket: bucket.bucket });
  const reader = artifacts.stream("a")[Symbol.asyncIterator]();
  injectFaults(
    bucket.client,
    inTurn([cutAfter(MIB)], ({ method }) => method === "GET"),
  );
  await reader.next();
  await writer.put("a", Buffer.alloc(4 * MIB));
  const rest = async (): Promise<void> => {
    while ((await reader.next()).done !== true);
  };
  await expect(rest()).rejects.toMatchObject({ code: "cloud_failed", message: "a was replaced while it was being read." });
});

test("a connection that always breaks is an error in the end", async () => {
  await artifacts.put("a", numbers(4 * MIB));
  injectFaults(bucket.client, () => cutAfter(1000));
  await expect(artifacts.get("a")).rejects.toMatchObject({ code: "cloud_failed", message: expect.stringContaining("ECONNRESET") });
});

test("an object comes only as fast as it is taken, and no further once nobody takes it", async () => {
  await artifacts.put("a", numbers(32 * MIB));
  let passed = 0;
  let body: Transform | null = null;
  injectFaults(bucket.client, () => async (send): Promise<WireAnswer> => {
    const answer = await send();
    body = answer.body.pipe(
      new Transform({
        transform: (chunk: Buffer, _, done) => {
          passed += chunk.byteLength;
          done(null, chunk);
        },
      }),
    );
    return { ...answer, body };
  });
  for await (const chunk of artifacts.stream("a")) {
    expect(chunk.byteLength).toBeGreaterThan(0);
    await setTimeout(200);
    break;
  }
  expect(passed).toBeLessThan(4 * MIB);
  expect(body).toMatchObject({ destroyed: true });
});

test("more keys than S3 lists at once, and none that is not ours", async () => {
  const keys = Array.from({ length: 120 }, (_, i) => `runs/r/rollouts/${i}/patch.diff`);
  for (let at = 0; at < keys.length; at += 30)
    await Promise.all(keys.slice(at, at + 30).map((key) => artifacts.put(key, new Uint8Array())));
  for (const foreign of ["runs/r/", "runs/r//x", "runs/../x"]) {
    await bucket.client.send(new PutObjectCommand({ Bucket: bucket.bucket, Key: foreign, Body: new Uint8Array() }));
  }
  expect(await collect(artifacts.list("runs/"))).toEqual(keys.toSorted(byCodePoint));
});

test("facts: how long, which version, or nothing", async () => {
  const factsOf = createS3Facts(bucket);
  expect(await factsOf("a")).toBeNull();
  await artifacts.put("a", Buffer.from("one"));
  const first = await factsOf("a");
  expect(first).toEqual({ bytes: 3, version: expect.stringMatching(/^[0-9a-f]{32}$/) });
  await artifacts.put("a", Buffer.from("two"));
  expect((await factsOf("a"))?.version).not.toBe(first?.version);
  await artifacts.put("a", Buffer.from("one"));
  expect(await factsOf("a")).toEqual(first);
  await expect(factsOf("../a")).rejects.toMatchObject({ name: "InputError" });
});
