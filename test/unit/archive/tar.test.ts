import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isTarHeader, parseHeader } from "../../../drivers/archive/tar/header.ts";
import { parsePax, writePax } from "../../../drivers/archive/tar/pax.ts";
import { writeHeader } from "../../../drivers/archive/tar/write-header.ts";

describe("a header", () => {
  it("comes back as it was written", () => {
    const field = fc.stringMatching(/^[a-zé/ .-]{1,30}$/);
    fc.assert(
      fc.property(
        field,
        field,
        fc.constantFrom("0", "2", "5", "x"),
        fc.nat(0o7777),
        fc.nat(8 * 1024 ** 3 - 1),
        (name, link, type, mode, size) => {
          const block = writeHeader({ name: Buffer.from(name), linkName: Buffer.from(link), type, mode, size });
          expect(isTarHeader(block)).toBe(true);
          const found = parseHeader(block);
          expect({ ...found, name: found?.name.toString(), linkName: found?.linkName.toString() }).toEqual({
            name,
            linkName: link,
            type,
            mode,
            size,
          });
        },
      ),
    );
  });

  it("with one bit altered is none", () => {
    const block = writeHeader({ name: Buffer.from("a.py"), type: "0", mode: 0o644, size: 5 });
    for (let bit = 0; bit < 512 * 8; bit++) {
      const damaged = Buffer.from(block);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const isSame = isTarHeader(damaged) && !damaged.subarray(148, 156).equals(block.subarray(148, 156));
      expect([bit, isTarHeader(damaged) && !isSame]).toEqual([bit, false]);
    }
  });

  it("is none in less than a block, or in zeros", () => {
    expect([isTarHeader(Buffer.alloc(511)), isTarHeader(Buffer.alloc(512)), isTarHeader(Buffer.alloc(0))]).toEqual([false, false, false]);
  });
});

describe("records of pax", () => {
  it("come back as they were written, whatever their values hold", () => {
    const key = fc.stringMatching(/^[A-Za-z.]{1,20}$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, fc.uint8Array({ maxLength: 300 })), { selector: ([name]) => name }), (records) => {
        expect(parsePax(writePax(records))).toEqual(new Map(records.map(([name, value]) => [name, Buffer.from(value)])));
      }),
    );
  });

  it("count their own digits in their lengths", () => {
    expect(writePax([["path", Buffer.alloc(1, "a")]]).toString()).toBe("9 path=a\n");
    expect(
      writePax([["p", Buffer.alloc(93, "a")]])
        .toString()
        .slice(0, 4),
    ).toBe("99 p");
    expect(
      writePax([["p", Buffer.alloc(94, "a")]])
        .toString()
        .slice(0, 5),
    ).toBe("101 p");
  });

  it("are null when they are not what they say", () => {
    for (const text of ["9 path=a", "8 path=a\n", "0 a=b\n", "-1 a=b\n", "5 a=b\n\n", "6 a=b\n7", "99999999999 a=b\n", "5 ab \n"]) {
      expect([text, parsePax(Buffer.from(text))]).toEqual([text, null]);
    }
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 50 }),
        (bytes) => parsePax(Buffer.from(bytes)) === null || bytes.length === 0 || bytes.at(-1) === 10,
      ),
    );
  });
});
