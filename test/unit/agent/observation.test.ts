import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countCharacters, observation, outputText, takeCharacters, takeLastCharacters } from "../../../core/agent/observation.ts";

describe("outputText", () => {
  it("writes bytes that are no UTF-8 as \\xNN and keeps the rest", () => {
    expect(outputText(Uint8Array.of(0x61, 0xff, 0x62, 0xc3, 0xa9, 0xc3))).toBe("a\\xffbé\\xc3");
    // Overlong, surrogate, beyond U+10FFFF, cut at the end.
    expect(outputText(Uint8Array.of(0xc0, 0x80))).toBe("\\xc0\\x80");
    expect(outputText(Uint8Array.of(0xed, 0xa0, 0x80))).toBe("\\xed\\xa0\\x80");
    expect(outputText(Uint8Array.of(0xf4, 0x90, 0x80, 0x80))).toBe("\\xf4\\x90\\x80\\x80");
    expect(outputText(Uint8Array.of(0xf0, 0x9f, 0x98))).toBe("\\xf0\\x9f\\x98");
  });

  it("removes colours, titles, links and cursor movements, and nothing else", () => {
    const esc = "\u001b";
    const text = `${esc}[1;31mred${esc}[0m ${esc}]0;title\u0007a${esc}]8;;http://x${esc}\\link${esc}]8;;${esc}\\ ${esc}[2K${esc}(Bb [31m c`;
    expect(outputText(Buffer.from(text))).toBe("red alink b [31m c");
  });

  it("turns CRLF into LF and leaves lone carriage returns", () => {
    expect(outputText(Buffer.from("a\r\nb\rc\n"))).toBe("a\nb\rc\n");
  });

  it("gives every valid text back, whatever invalid bytes stand between", () => {
    const piece = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("\u{10ffff}", "\ud7ff", "\ue000", "\u0800", "\u0080"));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        // oxlint-disable-next-line no-control-regex -- what outputText removes would not come back
        const clean = pieces.map((each) => each.replaceAll(/[\u001b\r]/g, "").toWellFormed());
        const bytes = Buffer.concat(clean.flatMap((each) => [Buffer.from(each), Buffer.from([0xff])]));
        expect(outputText(bytes)).toBe(clean.map((each) => `${each}\\xff`).join(""));
      }),
    );
  });

  it("stays linear on sequences that never end", () => {
    const flood = `\u001b[${"0;".repeat(300_000)}\u001b]${"x".repeat(300_000)}`;
    expect(outputText(Buffer.from(flood)).length).toBeLessThan(700_000);
  });
});

describe("observation", () => {
  it("is headed by the literal", () => {
    expect(observation("a\n")).toBe("OBSERVATION:\na\n");
  });

  it("has one fixed sentence for output that is only white space", () => {
    const nothing = observation("");
    expect(observation(" \n\t\r\n")).toBe(nothing);
    expect(nothing).toMatch(/^OBSERVATION:\n\S.*printed nothing\.$/);
  });

  it("clips after 100,000 code points and counts what was left out", () => {
    const exact = "\u{1f600}".repeat(100_000);
    expect(observation(exact)).toBe(`OBSERVATION:\n${exact}`);
    const clipped = observation(`${exact}\u{1f600}ab`);
    expect(clipped.startsWith(`OBSERVATION:\n${exact}<response clipped>\n`)).toBe(true);
    expect(clipped).toContain("3 characters were left out");
    expect(observation("short", 7)).toContain("short<response clipped>\n7 characters were left out");
  });
});

describe("characters", () => {
  it("are code points at both ends", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, limit) => {
        const points = Array.from(text);
        expect(takeCharacters(text, limit)).toBe(points.slice(0, limit).join(""));
        expect(takeLastCharacters(text, limit)).toBe(limit === 0 ? "" : points.slice(-limit).join(""));
        expect(countCharacters(text)).toBe(points.length);
      }),
    );
  });
});
