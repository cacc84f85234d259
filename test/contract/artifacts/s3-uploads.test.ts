import * as fc from "fast-check";
import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import type { ArtifactStore } from "../../../core/svg/artifacts.ts";
import { createS3Artifacts } from "../../../drivers/s3/index.ts";
import { newBucket, type TestBucket } from "../../cloud/bucket.ts";
import { injectFaults, inTurn, lostAnswer, neverSent, refusedInXml, type WireRequest } from "../../cloud/faults.ts";
import { useMoto } from "../../cloud/use-moto.ts";

const MIB = 2 ** 20;

const moto = useMoto();
let bucket: TestBucket;
let artifacts: ArtifactStore;
beforeEach(async () => {
  bucket = await newBucket(moto.endpoint);
  artifacts = createS3Artifacts(bucket);
});

/** Bytes that differ from place to place. */
function pattern(bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) content.writeUInt32LE(at, at);
  return content;
}

const digest = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** In pieces of these sizes, in one buffer that is used again. */
async function* pieces(content: Buffer, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  const reused = Buffer.alloc(Math.max(...sizes));
  let at = 0;
  for (const size of sizes) {
    content.copy(reused, 0, at, at + size);
    yield reused.subarray(0, size);
    reused.fill(0xee);
    at += size;
  }
}

/** Names of the calls as they went out. */
function recorded(): string[] {
  const calls: string[] = [];
  injectFaults(bucket.client, ({ method, query }) => {
    const part = typeof query["partNumber"] === "string" ? ` part ${query["partNumber"]}` : "";
    const kind = "uploads" in query ? " begin" : query["uploadId"] !== undefined && part === "" ? " upload" : part;
    calls.push(method + kind);
    return null;
  });
  return calls;
}

const isPart = ({ query }: WireRequest): boolean => query["partNumber"] !== undefined;
const isComplete = ({ method, query }: WireRequest): boolean => method === "POST" && query["uploadId"] !== undefined;

test.each([
  [0, ["PUT"]],
  [8 * MIB, ["PUT"]],
  [8 * MIB + 1, ["POST begin", "PUT part 1", "PUT part 2", "POST upload"]],
  [16 * MIB, ["POST begin", "PUT part 1", "PUT part 2", "POST upload"]],
])("a stream of %i bytes takes %j", async (bytes, expected) => {
  const calls = recorded();
  const content = pattern(bytes);
  await artifacts.put("a", pieces(content, [bytes]));
  expect(calls.toSorted()).toEqual(expected.toSorted());
  expect(digest(await artifacts.get("a"))).toBe(digest(content));
});

test("bytes in memory go the same way", async () => {
  const content = pattern(20 * MIB);
  await artifacts.put("a", content);
  expect(digest(await artifacts.get("a"))).toBe(digest(content));
});

test("however a stream comes in pieces, it is stored as it was", async () => {
  const size = fc.oneof(fc.constantFrom(0, 1, 3 * MIB, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1), fc.integer({ min: 0, max: 9 * MIB }));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 4 }), async (sizes) => {
      const content = pattern(sizes.reduce((sum, next) => sum + next, 0));
      await artifacts.put("any", pieces(content, sizes));
      expect(digest(await artifacts.get("any"))).toBe(digest(content));
    }),
    { numRuns: 8 },
  );
  expect(await bucket.unfinished()).toEqual([]);
});

test("a source that breaks in its third part leaves the old content, and no parts", async () => {
  await artifacts.put("a", Buffer.from("old"));
  async function* breaking(): AsyncIterable<Uint8Array> {
    yield pattern(20 * MIB);
    throw new Error("the source broke");
  }
  await expect(artifacts.put("a", breaking())).rejects.toThrow("the source broke");
  expect(Buffer.from(await artifacts.get("a")).toString()).toBe("old");
  expect(await bucket.unfinished()).toEqual([]);
});

test("parts whose answers are lost, that never went out or met a busy S3 are sent again", async () => {
  const faults = [lostAnswer, neverSent, refusedInXml(503, "SlowDown"), refusedInXml(500, "InternalError")];
  injectFaults(bucket.client, inTurn(faults, isPart));
  const content = pattern(26 * MIB);
  await artifacts.put("a", pieces(content, [26 * MIB]));
  expect(digest(await artifacts.get("a"))).toBe(digest(content));
});

test("an upload whose last answer is lost is known as done", async () => {
  injectFaults(bucket.client, inTurn([lostAnswer, refusedInXml(404, "NoSuchUpload")], isComplete));
  const content = pattern(9 * MIB);
  await artifacts.put("a", pieces(content, [9 * MIB]));
  expect(digest(await artifacts.get("a"))).toBe(digest(content));
});

test("an upload that S3 lost is not taken for done, although an older object is there", async () => {
  await artifacts.put("a", pattern(10 * MIB));
  injectFaults(bucket.client, inTurn([refusedInXml(404, "NoSuchUpload")], isComplete));
  await expect(artifacts.put("a", pattern(9 * MIB))).rejects.toMatchObject({ code: "cloud_failed" });
  expect(await artifacts.get("a")).toHaveLength(10 * MIB);
  expect(await bucket.unfinished()).toEqual([]);
});

test("a part that S3 keeps refusing ends the upload, and none of it stays", async () => {
  injectFaults(bucket.client, (request) =>
    isPart(request) && request.query["partNumber"] === "2" ? refusedInXml(403, "AccessDenied") : null,
  );
  await expect(artifacts.put("a", pattern(40 * MIB))).rejects.toMatchObject({
    code: "cloud_denied",
    message: expect.stringContaining("s3:PutObject"),
  });
  expect(await artifacts.exists("a")).toBe(false);
  expect(await bucket.unfinished()).toEqual([]);
});
