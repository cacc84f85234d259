import type { FileHandle } from "node:fs/promises";

import { RandomAccessReader } from "yauzl";

const WINDOW_BYTES = 1 << 20;

/** Reads a file in any order, and what lies side by side at once. */
export interface FileWindow {
  /** `length` bytes from `position` on, or what there is. Valid until the next call; calls do not overlap. */
  at(position: number, length: number): Promise<Buffer>;
}

export function fileWindow(handle: FileHandle): FileWindow {
  let held = Buffer.alloc(0);
  let heldFrom = 0;
  return {
    async at(position, length) {
      const start = position - heldFrom;
      if (start >= 0 && start + length <= held.length) return held.subarray(start, start + length);
      const buffer = Buffer.allocUnsafe(Math.max(WINDOW_BYTES, length));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      held = buffer.subarray(0, filled);
      heldFrom = position;
      return held.subarray(0, length);
    },
  };
}

/** What yauzl reads the directory through; by itself it reads a file twice for every entry. */
export class WindowReader extends RandomAccessReader {
  readonly #window: FileWindow;

  constructor(window: FileWindow) {
    super();
    this.#window = window;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    void this.#answer(buffer, offset, length, position, callback);
  }

  async #answer(...[buffer, offset, length, position, callback]: Parameters<RandomAccessReader["read"]>): Promise<void> {
    callback(await this.#fill(buffer, offset, length, position));
  }

  async #fill(buffer: Buffer, offset: number, length: number, position: number): Promise<Error | null> {
    try {
      const found = await this.#window.at(position, length);
      found.copy(buffer, offset);
      return found.length < length ? new Error("it ends too early") : null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
