import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanReply } from "../../../../bench/gateway/reply-scan.ts";
import { stampedToken } from "../../../../bench/gateway/stamp.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const STAMPS = [5, 123_456, 99_999_999_999_999];
const BODY = `data: {"text":"${STAMPS.map(stampedToken).join("")}"}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;

/** The pieces in which `text` arrives when it is cut at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % text.length))].toSorted((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end)).filter((piece) => piece !== "");
}

const chunked = (pieces: readonly string[]): string =>
  `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("")}0\r\n\r\n`;

function seenIn(pieces: readonly string[]) {
  const stamps: number[] = [];
  const scan = scanReply((stamp) => stamps.push(stamp));
  for (const piece of pieces) scan.take(piece);
  return { stamps, status: scan.status, isOver: scan.isOver, isWhole: scan.isWhole };
}

describe("what the load generator sees of an answer", () => {
  it("is the same however the answer is chunked, and wherever the network cuts it", () => {
    const places = fc.array(fc.nat(2_000), { maxLength: 60 });
    fc.assert(
      fc.property(places, places, (chunks, cuts) => {
        // What an earlier answer left behind comes first.
        const wire = `\r\n${HEAD}${chunked(cut(BODY, chunks))}`;
        expect(seenIn(cut(wire, cuts))).toEqual({ stamps: STAMPS, status: 200, isOver: true, isWhole: true });
      }),
    );
  });

  it("is no whole answer without the stream's own end, and no end without the last chunk", () => {
    const [tokens] = BODY.split("event: message_stop");
    expect(seenIn([HEAD, chunked([tokens!])])).toMatchObject({ stamps: STAMPS, isOver: true, isWhole: false });
    expect(seenIn([HEAD, chunked([BODY]).slice(0, -5)])).toMatchObject({ isOver: false, isWhole: true });
  });

  it("keeps the beginning of a refusal", () => {
    const scan = scanReply(() => {});
    scan.take('HTTP/1.1 429 Too Many\r\nContent-Length: 12\r\n\r\n{"error":');
    expect(scan.isOver).toBe(false);
    scan.take("42}");
    expect(scan).toMatchObject({ status: 429, isOver: true, excerpt: '{"error":42}' });
  });
});
