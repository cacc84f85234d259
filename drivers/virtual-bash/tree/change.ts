/** What a workspace holds that its base does not, by absolute path. Plain data that crosses threads; file bytes are shared, not copied. */
export type Changes = Map<string, Change>;

export type Change = FileChange | DirectoryChange | SymlinkChange | Absent;

export interface FileChange {
  readonly kind: "file";
  readonly mode: number;
  readonly mtimeMs: number;
  /** Over a SharedArrayBuffer that no other entry uses, so that an append may write into the room behind it. */
  readonly content: Uint8Array;
}

export interface DirectoryChange {
  readonly kind: "directory";
  readonly mode: number;
  readonly mtimeMs: number;
}

export interface SymlinkChange {
  readonly kind: "symlink";
  readonly target: string;
  readonly mtimeMs: number;
}

/** Hides an entry of the base. */
export interface Absent {
  readonly kind: "absent";
}

// Taken before any shell runs: while one does, just-bash replaces the global by one that throws.
const Shared = SharedArrayBuffer;

export function sharedBytes(content: Uint8Array, room = content.length): Uint8Array {
  const bytes = new Uint8Array(new Shared(room), 0, content.length);
  bytes.set(content);
  return bytes;
}

/** In place while there is room, else into twice the room: repeated appends stay linear. */
export function appendBytes(content: Uint8Array, more: Uint8Array): Uint8Array {
  const length = content.length + more.length;
  const hasRoom = content.byteOffset + length <= content.buffer.byteLength;
  const grown = hasRoom ? new Uint8Array(content.buffer, content.byteOffset, length) : sharedGrown(content, length);
  grown.set(more, content.length);
  return grown;
}

function sharedGrown(content: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(new Shared(Math.max(length, content.length * 2, 256)), 0, length);
  bytes.set(content);
  return bytes;
}
