import { STAMP, STAMP_LENGTH } from "./stamp.ts";

/** What is seen of one streamed HTTP/1.1 answer while its bytes come in. */
export interface ReplyScan {
  /** 0 until the head is there. */
  readonly status: number;
  /** The last chunk of the transfer was seen. */
  readonly isOver: boolean;
  /** The stream's own end was seen: a Messages API's, or chat completions'. */
  readonly isWhole: boolean;
  /** The first of an answer that is no stream, for messages about it. */
  readonly excerpt: string;
  /** Calls `onToken` with the moment stamped into each token. */
  take(data: string): void;
}

const ENDS = ["message_stop", "[DONE]"];
const CARRY = 24;

/** Reads no more than is needed, since it shares a core with the mock: heads, chunk sizes, stamps. Text is latin1. */
export function scanReply(onToken: (stampMicros: number) => void): ReplyScan {
  let head = "";
  let status = 0;
  let isChunked = false;
  let expected = 0;
  let sizeLine = "";
  let inChunk = 0;
  let body = "";
  let isOver = false;
  let isWhole = false;
  let excerpt = "";

  const takeBody = (text: string): void => {
    body += text;
    let seen = 0;
    STAMP.lastIndex = 0;
    for (let match = STAMP.exec(body); match !== null; match = STAMP.exec(body)) {
      onToken(Number(match[1]));
      seen = match.index + STAMP_LENGTH;
    }
    if (!isWhole) isWhole = ENDS.some((end) => body.includes(end, Math.max(0, seen - CARRY)));
    if (status !== 200 && excerpt.length < 300) excerpt += text;
    body = body.slice(Math.max(seen, body.length - CARRY));
  };

  /** Body, sizes and line ends of the chunked transfer. */
  const takeChunks = (data: string): void => {
    let at = 0;
    let text = "";
    while (at < data.length && !isOver) {
      if (inChunk > 0) {
        // Two more for the line end behind a chunk.
        const end = Math.min(data.length, at + inChunk);
        const content = Math.min(end, at + Math.max(0, inChunk - 2));
        text += data.slice(at, content);
        inChunk -= end - at;
        at = end;
        continue;
      }
      const line = data.indexOf("\n", at);
      sizeLine += data.slice(at, line === -1 ? data.length : line);
      if (line === -1) break;
      at = line + 1;
      const size = Number.parseInt(sizeLine, 16);
      sizeLine = "";
      if (size > 0) inChunk = size + 2;
      else isOver = true;
    }
    takeBody(text);
  };

  return {
    get status() {
      return status;
    },
    get isOver() {
      return isOver;
    },
    get isWhole() {
      return isWhole;
    },
    get excerpt() {
      return excerpt;
    },
    take(data) {
      if (status !== 0) {
        if (isChunked) return takeChunks(data);
        expected -= data.length;
        takeBody(data);
        isOver = expected <= 0;
        return;
      }
      // The line end behind an answer's last chunk may come with the next answer.
      head = (head + data).trimStart();
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      const lines = head.slice(0, end);
      const rest = head.slice(end + 4);
      head = "";
      status = Number(lines.slice(9, 12));
      isChunked = /^transfer-encoding: *chunked/im.test(lines);
      expected = Number(/^content-length: *(\d+)/im.exec(lines)?.[1] ?? 0);
      isOver = !isChunked && expected === 0;
      if (rest !== "") this.take(rest);
    },
  };
}
