import type { ArchiveLimits } from "../limits.ts";
import { applyDelta, deltaSizes } from "./delta.ts";
import { PackError, type ObjectType, type PackEntry, type PackFile } from "./pack-file.ts";

export interface PackObject {
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** A pack asks for more than it may. */
export class PackLimitError extends Error {}

/** Makes objects of a pack from their deltas, and keeps those at hand that others are likely to build on. */
export interface ObjectUnpacker {
  /** PackError for damage, PackLimitError; null when it builds on an object that `offsetOf` does not know. */
  unpack(offset: number): PackObject | null;
  /** The content of the entry as it stands there, which is the delta where it is one. */
  inflate(entry: PackEntry): { readonly content: Buffer; readonly packedBytes: number };
}

/** git's core.deltaBaseCacheLimit is 96 MiB; half of it serves as well here and leaves room in a small function. */
const CACHE_BYTES = 48 << 20;
/** git makes chains of 50, of 4095 at most (git-pack-objects(1), --depth). */
const MAX_CHAIN = 4096;
/** However small an object is, unpacking it costs as much as this many bytes. */
const COST_OF_ONE = 4096;
/** Of an entry of the cache. */
const OVERHEAD_BYTES = 200;

export function objectUnpacker(pack: PackFile, limits: ArchiveLimits, offsetOf: (id: Buffer) => number | null): ObjectUnpacker {
  const cache = byteCache(CACHE_BYTES);
  let work = 0;

  function spend(bytes: number): void {
    if (bytes > limits.objectBytes)
      throw new PackLimitError(
        `an object in its history has ${bytes.toLocaleString("en")} bytes; the most allowed are ${limits.objectBytes.toLocaleString("en")}`,
      );
    work += bytes + COST_OF_ONE;
    if (work > limits.historyBytes)
      throw new PackLimitError(`its history unpacks to more than ${limits.historyBytes.toLocaleString("en")} bytes`);
  }

  function inflate(entry: PackEntry): { readonly content: Buffer; readonly packedBytes: number } {
    spend(entry.size);
    return pack.inflate(entry);
  }

  return {
    inflate,
    unpack(offset) {
      const known = cache.get(offset);
      if (known !== undefined) return known;
      const chain: { readonly offset: number; readonly delta: Buffer }[] = [];
      let at = offset;
      let entry = pack.entry(at);
      let content = inflate(entry).content;
      let object: PackObject | undefined;
      while (object === undefined) {
        if (entry.type !== null) {
          object = { type: entry.type, content };
          break;
        }
        if (chain.push({ offset: at, delta: content }) > MAX_CHAIN) throw new PackError(`a chain of deltas is longer than ${MAX_CHAIN}`);
        const base = typeof entry.base === "number" ? entry.base : offsetOf(entry.base!);
        if (base === null) return null;
        at = base;
        object = cache.get(at);
        if (object !== undefined) break;
        entry = pack.entry(at);
        content = inflate(entry).content;
      }
      cache.set(at, object);
      for (const link of chain.toReversed()) {
        spend(deltaSizes(link.delta).result);
        object = { type: object.type, content: applyDelta(object.content, link.delta) };
        cache.set(link.offset, object);
      }
      return object;
    },
  };
}

interface ByteCache {
  get(offset: number): PackObject | undefined;
  set(offset: number, object: PackObject): void;
}

/**
 * Two generations: what is asked for lives on in the young one, and when that is full, the old one goes. Keeps no order
 * of single entries, which would cost as much as an object of a few hundred bytes does.
 */
function byteCache(maxBytes: number): ByteCache {
  let young = new Map<number, PackObject>();
  let old = new Map<number, PackObject>();
  let youngBytes = 0;

  function set(offset: number, object: PackObject): void {
    if (young.has(offset) || object.content.length > maxBytes / 8) return;
    young.set(offset, object);
    youngBytes += object.content.length + OVERHEAD_BYTES;
    if (youngBytes <= maxBytes / 2) return;
    old = young;
    young = new Map();
    youngBytes = 0;
  }

  return {
    set,
    get(offset) {
      const found = young.get(offset) ?? old.get(offset);
      if (found !== undefined) set(offset, found);
      return found;
    },
  };
}
