import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import type { ArchiveLimits } from "../limits.ts";
import { deltaTree, type DeltaTree } from "./delta-tree.ts";
import { objectTable, type ObjectTable } from "./object-table.ts";
import { openPackFile, PackError, type ObjectType, type PackFile } from "./pack-file.ts";
import { objectUnpacker, PackLimitError, type ObjectUnpacker, type PackObject } from "./unpack-object.ts";

/** All objects of a pack by their ids. Ids are lower-case hex. */
export interface ObjectStore {
  /** Null for an object that the pack does not have. */
  read(id: string): PackObject | null;
  /** Bytes; null for an object that the pack does not have. */
  sizeOf(id: string): number | null;
  startingWith(digits: string, limit: number): readonly string[];
  close(): void;
}

export interface OpenPackOptions {
  readonly algorithm: "sha1" | "sha256";
  readonly limits: ArchiveLimits;
  readonly signal: AbortSignal | undefined;
}

const HEADER_BYTES = 12;
/** One byte of header, and the shortest stream that zlib makes. */
const MIN_OBJECT_BYTES = 9;
const OBJECTS_BETWEEN_PAUSES = 256;

/**
 * Indexes a pack: a pack does not say which ids its objects have, so each is unpacked and hashed once. By that every object
 * is also known to be whole. PackError for damage and for a pack that builds on objects which it does not have; PackLimitError.
 */
export async function openPack(path: string, { algorithm, limits, signal }: OpenPackOptions): Promise<ObjectStore> {
  const idBytes = algorithm === "sha1" ? 20 : 32;
  const pack = openPackFile(path, idBytes);
  try {
    const count = objectCount(pack, idBytes, limits);
    const table = objectTable(count, idBytes);
    const unpacker = objectUnpacker(pack, limits, (id) => table.find(id)?.offset ?? null);
    const tree = deltaTree(count);
    const indexing = { algorithm, table, unpacker, tree, signal };
    const roots = await indexWhole(pack, count, idBytes, indexing);
    await indexDeltas(roots, indexing);
    return {
      read(id) {
        const found = table.find(Buffer.from(id, "hex"));
        return found === null ? null : unpacker.unpack(found.offset);
      },
      sizeOf: (id) => table.find(Buffer.from(id, "hex"))?.size ?? null,
      startingWith: (digits, limit) => table.startingWith(digits, limit),
      close: () => pack.close(),
    };
  } catch (error) {
    pack.close();
    throw error;
  }
}

function objectCount(pack: PackFile, idBytes: number, limits: ArchiveLimits): number {
  const header = pack.bytes(0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || header.toString("latin1", 0, 4) !== "PACK") throw new PackError("its pack is missing or cut off");
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw new PackError(`its pack is of the unknown version ${version}`);
  const count = header.readUInt32BE(8);
  if (count * MIN_OBJECT_BYTES > pack.size - HEADER_BYTES - idBytes)
    throw new PackError("its pack is cut off: it has fewer objects than it says");
  if (count > limits.objects)
    throw new PackLimitError(
      `its history has ${count.toLocaleString("en")} objects; the most allowed are ${limits.objects.toLocaleString("en")}`,
    );
  return count;
}

interface Indexing {
  readonly algorithm: string;
  readonly table: ObjectTable;
  readonly unpacker: ObjectUnpacker;
  readonly tree: DeltaTree;
  readonly signal: AbortSignal | undefined;
}

/** Everything that is no delta; returns its numbers. */
async function indexWhole(
  pack: PackFile,
  count: number,
  idBytes: number,
  { algorithm, table, unpacker, tree, signal }: Indexing,
): Promise<number[]> {
  const roots: number[] = [];
  let at = HEADER_BYTES;
  for (let number = 0; number < count; number++) {
    if (number % OBJECTS_BETWEEN_PAUSES === 0) await pause(signal);
    const entry = pack.entry(at);
    const { content, packedBytes } = unpacker.inflate(entry);
    tree.add(at, entry.base);
    if (entry.type !== null) {
      table.add(idOf(algorithm, entry.type, content), at, content.length);
      roots.push(number);
    }
    at = entry.dataAt + packedBytes;
  }
  if (at !== pack.size - idBytes) throw new PackError("its pack holds something behind its objects");
  tree.finish();
  return roots;
}

/** Everything that builds on something else, each family as a whole, so that its members are at hand. */
async function indexDeltas(roots: readonly number[], { algorithm, table, unpacker, tree, signal }: Indexing): Promise<void> {
  let sincePause = 0;
  async function family(members: number[]): Promise<void> {
    for (let number = members.pop(); number !== undefined; number = members.pop()) {
      if (sincePause++ % OBJECTS_BETWEEN_PAUSES === 0) await pause(signal);
      const offset = tree.offsetOf(number);
      const object = unpacker.unpack(offset);
      if (object === null) throw thin();
      const id = idOf(algorithm, object.type, object.content);
      table.add(id, offset, object.content.length);
      for (const child of tree.childrenOf(number)) members.push(child);
      for (const child of tree.takeChildrenOf(id)) members.push(child);
    }
  }
  for (const root of roots) await family(tree.childrenOf(root));
  for (const id of tree.waitingFor()) if (table.find(id) !== null) await family([...tree.takeChildrenOf(id)]);
  if (tree.waitingFor().length > 0) throw thin();
}

const thin = (): PackError => new PackError("its pack builds on objects that it does not have (a thin pack)");

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

const idOf = (algorithm: string, type: ObjectType, content: Buffer): Buffer =>
  createHash(algorithm).update(`${type} ${content.length}\0`).update(content).digest();
