import { open, type FileHandle } from "node:fs/promises";

const BUFFER_BYTES = 1 << 20;

/**
 * The contents of all files, one after the other, in one file: no name out of an archive is ever a name on the disk, and a
 * hundred thousand small files cost as much as a large one.
 */
export interface ContentFile {
  /** Where the next byte goes. */
  readonly end: number;
  write(chunk: Uint8Array): Promise<void>;
  /** Nothing is written after this. */
  finish(): Promise<void>;
  /** Throws when the file does not hold as much. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function createContentFile(path: string): Promise<ContentFile> {
  const handle: FileHandle = await open(path, "wx+", 0o600);
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let buffered = 0;
  let end = 0;

  async function flush(): Promise<void> {
    if (buffered > 0) await writeFully(handle, buffer.subarray(0, buffered));
    buffered = 0;
  }

  return {
    get end() {
      return end;
    },
    async write(chunk) {
      if (chunk.length > BUFFER_BYTES - buffered) await flush();
      if (chunk.length > BUFFER_BYTES) await writeFully(handle, chunk);
      else {
        buffer.set(chunk, buffered);
        buffered += chunk.length;
      }
      end += chunk.length;
    },
    finish: flush,
    async read(offset, length) {
      const content = Buffer.allocUnsafe(length);
      for (let read = 0; read < length;) {
        const { bytesRead } = await handle.read(content, read, length - read, offset + read);
        if (bytesRead === 0) throw new Error(`The unpacked contents end at ${offset + read}; ${offset + length} bytes were written.`);
        read += bytesRead;
      }
      return content;
    },
    close: () => handle.close(),
  };
}

/** A write may take less than it is given. */
export async function writeFully(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) written += (await handle.write(chunk, written)).bytesWritten;
}
