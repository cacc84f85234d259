import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { applyDelta } from "../../../drivers/archive/pack/delta.ts";
import { deltaTree } from "../../../drivers/archive/pack/delta-tree.ts";
import { objectTable } from "../../../drivers/archive/pack/object-table.ts";
import { PackError } from "../../../drivers/archive/pack/pack-file.ts";

type Step = { readonly from: number; readonly length: number } | { readonly text: Uint8Array };

function size(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) | 128);
  }
}

function encode(base: Buffer, result: Buffer, steps: readonly Step[]): Buffer {
  const bytes = [...size(base.length), ...size(result.length)];
  for (const step of steps) {
    if ("text" in step) {
      bytes.push(step.text.length, ...step.text);
      continue;
    }
    const fields = [0, 8, 16, 24].map((shift) => (step.from >>> shift) & 255);
    fields.push(...[0, 8, 16].map((shift) => (step.length >>> shift) & 255));
    bytes.push(
      fields.reduce((op, field, bit) => op | (field === 0 ? 0 : 1 << bit), 0x80),
      ...fields.filter((field) => field !== 0),
    );
  }
  return Buffer.from(bytes);
}

const BASE = Buffer.from(Array.from({ length: 80_000 }, (_, i) => (i * 31) & 255));

const steps = fc.array(
  fc.oneof(
    fc
      .record({ from: fc.nat(BASE.length - 1), length: fc.integer({ min: 1, max: 70_000 }) })
      .map(({ from, length }): Step => ({ from, length: Math.min(length, BASE.length - from) })),
    fc.uint8Array({ minLength: 1, maxLength: 127 }).map((text): Step => ({ text })),
  ),
  { maxLength: 8 },
);

const resultOf = (all: readonly Step[]): Buffer =>
  Buffer.concat(all.map((step) => ("text" in step ? step.text : BASE.subarray(step.from, step.from + step.length))));

describe("a delta", () => {
  it("makes what its steps say", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const result = resultOf(all);
        expect(applyDelta(BASE, encode(BASE, result, all)).equals(result)).toBe(true);
      }),
    );
  });

  it("copies 65536 bytes where it names no length", () => {
    const result = BASE.subarray(0, 0x10000);
    expect(applyDelta(BASE, Buffer.from([...size(BASE.length), ...size(0x10000), 0x80])).equals(result)).toBe(true);
  });

  it("that is damaged makes something of the size it tells, or an error of its own", () => {
    fc.assert(
      fc.property(steps, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (all, changes) => {
        const delta = encode(BASE, resultOf(all), all);
        const start = size(BASE.length).length + size(resultOf(all).length).length;
        for (const [at, byte] of changes) if (delta.length > start) delta[start + (at % (delta.length - start))] = byte;
        try {
          return applyDelta(BASE, delta).length === resultOf(all).length;
        } catch (error) {
          return error instanceof PackError;
        }
      }),
    );
  });
});

const id = (number: number): Buffer => createHash("sha1").update(String(number)).digest();

describe("the table of objects", () => {
  it("finds what was added and nothing else", () => {
    const table = objectTable(5000, 20);
    for (let number = 0; number < 5000; number++) table.add(id(number), number * 10, number);
    expect(table.count).toBe(5000);
    for (let number = 0; number < 5000; number += 7) expect(table.find(id(number))).toEqual({ offset: number * 10, size: number });
    for (let number = 5000; number < 5100; number++) expect(table.find(id(number))).toBeNull();
  });

  it("keeps the first of two with one id", () => {
    const table = objectTable(2, 20);
    table.add(id(1), 5, 6);
    table.add(id(1), 7, 8);
    expect([table.count, table.find(id(1))]).toEqual([1, { offset: 5, size: 6 }]);
  });

  it("finds ids by their first digits, odd and even numbers of them", () => {
    const table = objectTable(1000, 20);
    for (let number = 0; number < 1000; number++) table.add(id(number), number, number);
    const whole = id(77).toString("hex");
    for (const length of [6, 7, 20, 39, 40]) expect(table.startingWith(whole.slice(0, length), 5)).toEqual([whole]);
    expect(table.startingWith("", 3)).toHaveLength(3);
    expect(table.startingWith("f".repeat(40), 3)).toEqual([]);
  });
});

describe("the tree of deltas", () => {
  it("tells what builds on what, by place and by id", () => {
    const tree = deltaTree(6);
    tree.add(12, null);
    tree.add(40, 12);
    tree.add(70, id(1));
    tree.add(90, 12);
    tree.add(95, 40);
    tree.add(99, id(1));
    tree.finish();
    expect([0, 1, 2, 3].map((number) => tree.childrenOf(number))).toEqual([[1, 3], [4], [], []]);
    expect(tree.waitingFor()).toEqual([id(1)]);
    expect([tree.takeChildrenOf(id(2)), tree.takeChildrenOf(id(1)), tree.takeChildrenOf(id(1)), tree.waitingFor()]).toEqual([
      [],
      [2, 5],
      [],
      [],
    ]);
  });

  it("refuses a base between two objects", () => {
    const tree = deltaTree(2);
    tree.add(12, null);
    tree.add(40, 13);
    expect(() => tree.finish()).toThrow(PackError);
  });
});
