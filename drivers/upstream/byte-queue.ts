/** Past this much unread the sender is held back. */
const HIGH_WATER_BYTES = 65_536;

export interface ByteQueue extends AsyncIterable<Uint8Array> {
  push(chunk: Uint8Array): void;
  end(): void;
  /** What was pushed before is still read. */
  fail(error: Error): void;
}

export interface ByteSource {
  pause(): void;
  resume(): void;
  /** The reader wants no more. */
  leave(): void;
}

/**
 * Bytes between a sender that pushes and one reader that pulls. What came since the last read is handed over in one piece: the busier
 * the process, the fewer and larger the pieces, and the less each token costs. A node stream in between costs several times as much.
 */
export function createByteQueue(source: ByteSource): ByteQueue {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let isPaused = false;
  let ending: { readonly error: Error | null } | null = null;
  let waiting: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | null = null;

  const take = (): Uint8Array => {
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    chunks = [];
    size = 0;
    if (isPaused) {
      isPaused = false;
      source.resume();
    }
    return all;
  };

  const end = (error: Error | null): void => {
    if (ending !== null) return;
    ending = { error };
    if (waiting === null) return;
    if (error === null) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error);
    waiting = null;
  };

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next: () => {
      if (size > 0) return Promise.resolve({ done: false, value: take() });
      if (ending === null) {
        waiting = Promise.withResolvers();
        return waiting.promise;
      }
      return ending.error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(ending.error);
    },
    return: () => {
      chunks = [];
      size = 0;
      if (ending === null) {
        source.leave();
        end(null);
      }
      ending = { error: null };
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  return {
    push: (chunk) => {
      if (ending !== null || chunk.byteLength === 0) return;
      if (waiting !== null) {
        const { resolve } = waiting;
        waiting = null;
        resolve({ done: false, value: chunk });
        return;
      }
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= HIGH_WATER_BYTES && !isPaused) {
        isPaused = true;
        source.pause();
      }
    },
    end: () => end(null),
    fail: (error) => end(error),
    [Symbol.asyncIterator]: () => iterator,
  };
}
