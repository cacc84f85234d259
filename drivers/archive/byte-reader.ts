/** Bytes of a stream, in the portions that its reader asks for. One call at a time. */
export interface ByteReader {
  /** How many bytes were taken so far. */
  readonly position: number;
  /** The next bytes without taking them: `length`, or what is left. */
  peek(length: number): Promise<Buffer>;
  /** `length` bytes, or what is left. Valid until the next call. */
  take(length: number): Promise<Buffer>;
  /** At least one byte and at most `length`, as they come; empty at the end. Valid until the next call. */
  some(length: number): Promise<Buffer>;
  close(): Promise<void>;
}

export function byteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const source = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let position = 0;
  let isOver = false;

  async function fill(length: number): Promise<void> {
    if (held.length >= length || isOver) return;
    const parts = [held];
    let bytes = held.length;
    while (bytes < length) {
      const next = await source.next();
      if (next.done === true) {
        isOver = true;
        break;
      }
      const { buffer, byteOffset, byteLength } = next.value;
      parts.push(Buffer.from(buffer, byteOffset, byteLength));
      bytes += byteLength;
    }
    held = parts.length === 2 && parts[0]?.length === 0 ? (parts[1] ?? held) : Buffer.concat(parts);
  }

  function cut(length: number): Buffer {
    const taken = held.subarray(0, length);
    held = held.subarray(taken.length);
    position += taken.length;
    return taken;
  }

  return {
    get position() {
      return position;
    },
    async peek(length) {
      await fill(length);
      return held.subarray(0, length);
    },
    async take(length) {
      await fill(length);
      return cut(length);
    },
    async some(length) {
      await fill(1);
      return cut(length);
    },
    async close() {
      await source.return?.();
    },
  };
}

const PORTION_BYTES = 1 << 20;

/** Everything that was not taken yet. */
export async function* restOf(reader: ByteReader): AsyncGenerator<Buffer> {
  for (let chunk = await reader.some(PORTION_BYTES); chunk.length > 0; chunk = await reader.some(PORTION_BYTES)) yield chunk;
}
