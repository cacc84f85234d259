import { MAX_OUTPUT_BYTES } from "../../../core/agent/sandbox.ts";

const HEADER_BYTES = 8;

/** What a command printed, in memory that survives the thread it ran in: [bytes kept, bytes left out], then the bytes. */
export type OutputBuffer = SharedArrayBuffer;

const spare: OutputBuffer[] = [];

/** Buffers are kept for the next command: a megabyte each would otherwise pile up faster than it is collected. */
export function takeOutputBuffer(): OutputBuffer {
  const buffer = spare.pop() ?? new SharedArrayBuffer(HEADER_BYTES + MAX_OUTPUT_BYTES);
  new Uint32Array(buffer, 0, 2).fill(0);
  return buffer;
}

/** Only when no thread writes to it any more. */
export function giveOutputBuffer(buffer: OutputBuffer): void {
  spare.push(buffer);
}

/** Returns how many bytes were printed in all. */
export function appendOutput(buffer: SharedArrayBuffer, bytes: Uint8Array): number {
  const header = new Uint32Array(buffer, 0, 2);
  const kept = header[0] ?? 0;
  const room = bytes.subarray(0, MAX_OUTPUT_BYTES - kept);
  new Uint8Array(buffer, HEADER_BYTES).set(room, kept);
  header[0] = kept + room.length;
  header[1] = (header[1] ?? 0) + bytes.length - room.length;
  return header[0] + header[1];
}

export function readOutput(buffer: SharedArrayBuffer): { readonly output: Uint8Array; readonly omittedBytes: number } {
  const [kept = 0, omittedBytes = 0] = new Uint32Array(buffer, 0, 2);
  return { output: Uint8Array.from(new Uint8Array(buffer, HEADER_BYTES, kept)), omittedBytes };
}
