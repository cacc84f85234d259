import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeMessage, encodeMessage } from "../../../../drivers/tool-server/message.ts";
import { MAX_HEAD_BYTES } from "../../../../drivers/tool-server/protocol.ts";

describe("messages", () => {
  test("arrive as they were sent, whatever JSON and bytes they hold", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.uint8Array({ maxLength: 300 }), (head, body) => {
        const read = decodeMessage(encodeMessage(head, body));
        expect(read.head).toEqual(JSON.parse(JSON.stringify(head)));
        expect(Buffer.from(read.body).equals(Buffer.from(body))).toBe(true);
      }),
    );
  });

  test("that were cut or made by somebody else are no messages", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let error: unknown = new SyntaxError();
        try {
          decodeMessage(Buffer.from(bytes));
        } catch (caught) {
          error = caught;
        }
        expect(error).toBeInstanceOf(SyntaxError);
      }),
    );
    const whole = encodeMessage({ op: "x" });
    for (let length = 0; length < whole.length; length++) expect(() => decodeMessage(whole.subarray(0, length))).toThrow(SyntaxError);
  });

  test("have a longest head", () => {
    expect(() => encodeMessage("x".repeat(MAX_HEAD_BYTES))).toThrow(RangeError);
    const long = Buffer.alloc(8);
    long.writeUInt32BE(MAX_HEAD_BYTES + 1);
    expect(() => decodeMessage(long)).toThrow(SyntaxError);
  });
});
