import { Readable } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSandboxSettings } from "../../../../core/config/cloud/sandbox.ts";
import { InputError } from "../../../../core/errors/index.ts";
import { BARE_LINKS, nameOf, TREE, withNames } from "../../../../drivers/bubblewrap/bare/places.ts";
import { event, MAX_BYTES, PART_BYTES } from "../../../../drivers/tenant-lambda/guest/wire.ts";
import { inParts } from "../../../../drivers/tenant-lambda/in-parts.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

describe("bytes in parts", () => {
  test("are the same bytes, all parts but the last of one size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 17 }),
        async (chunks, size) => {
          const parts: Buffer[] = [];
          for await (const part of inParts(Readable.from(chunks), size)) parts.push(part);
          expect(Buffer.concat(parts)).toEqual(Buffer.concat(chunks));
          expect(parts.slice(0, -1).every((part) => part.length === size)).toBe(true);
          expect(parts.every((part) => part.length > 0 && part.length <= size)).toBe(true);
        },
      ),
    );
  });

  test("of an event stay below what Lambda takes", () => {
    expect((PART_BYTES * 4) / 3 + 10_000).toBeLessThan(6_291_556);
    const part = { do: "start", id: crypto.randomUUID(), at: 0, total: MAX_BYTES, data: "A".repeat((PART_BYTES * 4) / 3) };
    expect(event.safeParse({ v: 1, instance: null, done: [], ask: part }).success).toBe(true);
    expect(event.safeParse({ v: 2, instance: null, done: [], ask: part }).success).toBe(false);
    expect(event.safeParse({ v: 1, instance: null, done: [], ask: { do: "shell" } }).success).toBe(false);
  });
});

describe("names of folders", () => {
  test("are those that the agent knows", () => {
    expect(nameOf(TREE)).toBe("/testbed");
    expect(nameOf(`${TREE}/src/deep`)).toBe("/testbed/src/deep");
    expect(nameOf(`${TREE}x/src`)).toBe(`${TREE}x/src`);
    expect(nameOf("/tmp")).toBe("/tmp");
    expect(BARE_LINKS["/testbed"]).toBe(TREE);
  });

  test("are put into what a command printed, wherever they stand, and nothing else is touched", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(TREE), fc.string({ unit: "binary-ascii" }), fc.constant("/tmp/serac")), { maxLength: 8 }),
        (words) => {
          const printed = words.join("");
          expect(text(withNames(Buffer.from(printed, "latin1")))).toBe(printed.replaceAll(TREE, "/testbed"));
        },
      ),
    );
  });
});

describe("the settings of a sandbox", () => {
  const tenant = {
    kind: "tenant",
    functionArn: "arn:aws:lambda:eu-central-1:111111111111:function:serac-sandbox",
    memoryMb: 3008,
    diskMb: 10_240,
  };

  test("of tenants have their kind, and defaults", () => {
    expect(readSandboxSettings(JSON.stringify(tenant))).toEqual({
      kind: "tenant",
      tenant: { ...tenant, startSeconds: 90, basePrefix: "sandbox-bases/" },
    });
  });

  test.each([
    [{ functionArn: "arn:aws:lambda:eu-central-1:111111111111:function:serac-sandbox:7" }, /functionArn.*without a version/],
    [{ memoryMb: 64 }, /memoryMb/],
    [{ basePrefix: "../x" }, /basePrefix.*folder/],
    [{ other: 1 }, /tenant sandbox \(SERAC_SANDBOX\)/],
  ])("that are wrong are told by their key: %j", (wrong, says) => {
    expect(() => readSandboxSettings(JSON.stringify({ ...tenant, ...wrong }))).toThrow(says);
    expect(() => readSandboxSettings(JSON.stringify({ ...tenant, ...wrong }))).toThrow(InputError);
  });

  test("without a kind are those of microVMs", () => {
    expect(() => readSandboxSettings("{}")).toThrow(/microVM sandbox/);
    expect(() => readSandboxSettings("no json")).toThrow(/no JSON/);
  });
});
