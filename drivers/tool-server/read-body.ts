import type { IncomingMessage } from "node:http";

/**
 * The whole body of a request, of which `room` is taken while it arrives. Rejects when it is cut off, so that a
 * half request starts nothing.
 */
export async function readBody(
  request: IncomingMessage,
  room: { bytes: number },
  maxBytes: number,
): Promise<Buffer | "too large" | "no room"> {
  const announced = request.headers["content-length"];
  const expected = Number(announced);
  if (announced === undefined || !Number.isSafeInteger(expected) || expected > maxBytes) return "too large";
  if (expected > room.bytes) return "no room";
  room.bytes -= expected;
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError("A body comes in bytes");
      chunks.push(chunk);
      length += chunk.length;
    }
    if (length !== expected) throw new Error("The request was cut off.");
    return Buffer.concat(chunks, length);
  } finally {
    room.bytes += expected;
  }
}
