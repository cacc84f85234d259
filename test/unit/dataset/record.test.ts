import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { packRecord, recordOf, unpackRecord } from "../../../core/dataset/record.ts";
import { InputError } from "../../../core/errors/index.ts";
import { testRun, testSample, testStep, testTrajectory } from "./test-data.ts";

const trajectory = testTrajectory("r", { steps: [testStep(1), testStep(2, {}, [], "no call")], exitStatus: "submitted (exit_context)" });
const record = recordOf(testRun(), testSample(3), "t2", trajectory);
const packed = (document: unknown): Uint8Array => zstdCompressSync(Buffer.from(JSON.stringify(document)));

describe("the internal record", () => {
  test("comes back as it was written", async () => {
    expect(await unpackRecord(await packRecord(record), "x")).toEqual(record);
  });

  test("joins the rollout with its sample and run, and keeps the owner's paths out", () => {
    expect(record).toMatchObject({
      schema: "serac.trajectory/1",
      sampleId: "run-1-s000004",
      kind: "null-safety",
      accepted: true,
      repository: { name: "shop" },
    });
    expect(record.pullRequest).toBe("Something is wrong with f3.");
    expect(recordOf(testRun(), testSample(3), "t1", trajectory).pullRequest).toBeNull();
    expect(recordOf(testRun({ rehearsal: true }), testSample(3), "t1", trajectory).rehearsal).toBe(true);
    expect(recordOf(testRun(), testSample(3, { attempts: 2 }), "t1", trajectory).kind).toBe("generic");
    expect(JSON.stringify(record)).not.toContain("/private");
  });

  test.each([
    ["garbage", Buffer.from("hello"), /is not zstd-compressed JSON/],
    ["no JSON", zstdCompressSync(Buffer.from("{")), /is not zstd-compressed JSON/],
    ["another version", packed({ ...record, schema: "serac.trajectory/2" }), /schema/],
    [
      "a status of nobody",
      packed({ ...record, exitStatus: "submitted (submitted)" }),
      /exitStatus: must be one of: submitted, exit_context/,
    ],
    ["a text where a list belongs", packed({ ...record, steps: "x" }), /steps/],
    ["a negative cost", packed({ ...record, costMicroUsd: -1 }), /costMicroUsd/],
    ["null", packed(null), /the document/],
  ])("refuses %s and says where", async (_, content, message) => {
    await expect(unpackRecord(content, "the file")).rejects.toThrow(InputError);
    await expect(unpackRecord(content, "the file")).rejects.toThrow(/^the file /);
    await expect(unpackRecord(content, "the file")).rejects.toThrow(message);
  });

  test("names the version that it cannot read", async () => {
    await expect(unpackRecord(packed({ ...record, schema: "serac.trajectory/9" }), "x")).rejects.toMatchObject({
      hint: expect.stringContaining("serac.trajectory/9") as unknown,
    });
  });
});
