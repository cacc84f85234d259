import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from "./protocol.ts";

/** Four bytes with the length of the head, the head as JSON in UTF-8, then bytes as they are. */
export interface Message {
  readonly head: unknown;
  readonly body: Uint8Array;
}

const PREFIX_BYTES = 4;
const NOTHING = new Uint8Array();
export const MAX_MESSAGE_BYTES = PREFIX_BYTES + MAX_HEAD_BYTES + MAX_BODY_BYTES;

/** Throws RangeError when a part is longer than the protocol allows. */
export function encodeMessage(head: unknown, body: Uint8Array = NOTHING): Buffer {
  const text = Buffer.from(JSON.stringify(head), "utf8");
  if (text.length > MAX_HEAD_BYTES || body.length > MAX_BODY_BYTES) throw new RangeError("The message is too long.");
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(text.length);
  return Buffer.concat([prefix, text, body]);
}

/** Throws SyntaxError for anything that `encodeMessage` would not have written. */
export function decodeMessage(bytes: Buffer): Message {
  if (bytes.length < PREFIX_BYTES) throw new SyntaxError("The message has no head.");
  const length = bytes.readUInt32BE(0);
  if (length > MAX_HEAD_BYTES || PREFIX_BYTES + length > bytes.length) throw new SyntaxError("The message's head is cut off.");
  const head: unknown = JSON.parse(bytes.toString("utf8", PREFIX_BYTES, PREFIX_BYTES + length));
  return { head, body: bytes.subarray(PREFIX_BYTES + length) };
}
