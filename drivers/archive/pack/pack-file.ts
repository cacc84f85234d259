import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { inflateSync, type Inflate } from "node:zlib";

const WINDOW_BYTES = 1 << 20;
const SMALL_WINDOW_BYTES = 32 << 10;
/** For the frame of data that zlib cannot make smaller; beside it there are 5 bytes for each block. */
const SLACK_BYTES = 128;
/** Larger contents are unpacked in parts: a size that is a lie is not allocated. */
const CHUNK_BYTES = 1 << 20;

export type ObjectType = "commit" | "tree" | "blob" | "tag";

/** An object as a pack stores it (gitformat-pack(5)). */
export interface PackEntry {
  /** Null for a delta. */
  readonly type: ObjectType | null;
  /** Of a delta: where in the pack its base is, or the id of it. */
  readonly base: number | Buffer | null;
  /** Unpacked, of the delta itself where it is one. */
  readonly size: number;
  /** Where its compressed data starts. */
  readonly dataAt: number;
}

/** Damage in a pack; whoever opened it says which archive it was. */
export class PackError extends Error {}

/**
 * Reads a pack on the disk. Synchronous, since a history has hundreds of thousands of objects of a few hundred bytes; who
 * reads many pauses now and then.
 */
export interface PackFile {
  readonly size: number;
  bytes(at: number, length: number): Buffer;
  entry(at: number): PackEntry;
  /** The content, and how many bytes it took in the pack. */
  inflate(entry: PackEntry): { readonly content: Buffer; readonly packedBytes: number };
  close(): void;
}

const TYPES: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const OFS_DELTA = 6;
const REF_DELTA = 7;
/** More than the header of any entry that is no lie: ten bytes of size, ten of an offset or 32 of an id. */
const MAX_HEADER_BYTES = 64;

export function openPackFile(path: string, idBytes: number): PackFile {
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  let ahead: Window = { from: 0, held: Buffer.alloc(0) };
  let aside: Window = ahead;

  /** Less than `length` bytes at the end of the file alone. What was handed out stays as it is: a new window is a new buffer. */
  function bytes(at: number, length: number): Buffer {
    const found = within(ahead, at, length) ?? within(aside, at, length);
    if (found !== null) return found;
    // Whoever reads on needs much of what follows; whoever looks up a base far behind does not.
    const isNext = at >= ahead.from && at <= ahead.from + ahead.held.length;
    const window = { from: at, held: read(at, Math.max(isNext ? WINDOW_BYTES : SMALL_WINDOW_BYTES, length)) };
    if (isNext) ahead = window;
    else aside = window;
    return window.held.subarray(0, length);
  }

  function read(at: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.min(length, Math.max(size - at, 0)));
    let filled = 0;
    while (filled < buffer.length) {
      const bytesRead = readSync(file, buffer, filled, buffer.length - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  function entry(at: number): PackEntry {
    const head = bytes(at, MAX_HEADER_BYTES);
    let next = 0;
    const byte = (): number => {
      const value = head[next++];
      if (value === undefined) throw new PackError(`it ends in the middle of the object at byte ${at}`);
      return value;
    };
    const first = byte();
    const kind = (first >> 4) & 7;
    let objectBytes = first & 15;
    for (let more = first, scale = 16; more & 0x80; scale *= 128) {
      more = byte();
      objectBytes += (more & 0x7f) * scale;
    }
    if (!Number.isSafeInteger(objectBytes)) throw new PackError(`the object at byte ${at} has no sensible size`);
    const type = TYPES[kind];
    if (type !== undefined) return { type, base: null, size: objectBytes, dataAt: at + next };
    if (kind === REF_DELTA) {
      const base = Buffer.from(head.subarray(next, next + idBytes));
      if (base.length < idBytes) throw new PackError(`it ends in the middle of the object at byte ${at}`);
      return { type: null, base, size: objectBytes, dataAt: at + next + idBytes };
    }
    if (kind !== OFS_DELTA) throw new PackError(`the object at byte ${at} is of the unknown type ${kind}`);
    let more = byte();
    let distance = more & 0x7f;
    while (more & 0x80) {
      more = byte();
      distance = (distance + 1) * 128 + (more & 0x7f);
    }
    if (distance <= 0 || distance > at) throw new PackError(`the object at byte ${at} builds on one outside of the pack`);
    return { type: null, base: at - distance, size: objectBytes, dataAt: at + next };
  }

  function inflate(found: PackEntry): { content: Buffer; packedBytes: number } {
    const likely = found.size + (found.size >>> 10) + SLACK_BYTES;
    return (
      inflateFrom(bytes(found.dataAt, likely), found) ?? inflateFrom(bytes(found.dataAt, 2 * likely + WINDOW_BYTES), found) ?? cutOff(found)
    );
  }

  return { size, bytes, entry, inflate, close: () => closeSync(file) };
}

interface Window {
  readonly from: number;
  readonly held: Buffer;
}

function within({ from, held }: Window, at: number, length: number): Buffer | null {
  const start = at - from;
  return start >= 0 && start + length <= held.length ? held.subarray(start, start + length) : null;
}

/** Null when the data goes on behind `packed`. */
function inflateFrom(packed: Buffer, { size, dataAt }: PackEntry): { content: Buffer; packedBytes: number } | null {
  try {
    const options = { info: true, maxOutputLength: Math.max(size, 1), chunkSize: Math.min(Math.max(size, 64), CHUNK_BYTES) };
    const result: unknown = inflateSync(packed, options);
    if (isWithEngine(result) && result.buffer.length === size) return { content: result.buffer, packedBytes: result.engine.bytesWritten };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR") return null;
    throw new PackError(`the object at byte ${dataAt} is damaged`, { cause: error });
  }
  throw new PackError(`the object at byte ${dataAt} is damaged: it has another size`);
}

/** With `info` inflateSync also hands out its engine, which knows how much it has read (zlib, Class Options); the types do not know. */
const isWithEngine = (result: unknown): result is { readonly buffer: Buffer; readonly engine: Inflate } =>
  typeof result === "object" && result !== null && "engine" in result && "buffer" in result;

function cutOff({ dataAt }: PackEntry): never {
  throw new PackError(`the object at byte ${dataAt} is damaged: its data does not end`);
}
