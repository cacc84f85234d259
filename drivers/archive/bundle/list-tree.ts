import { commitTree, type CommitTree, type RawTreeEntry } from "../../../core/survey/commit-tree.ts";
import type { ArchiveLimits } from "../limits.ts";
import { inWords } from "../meter.ts";
import type { ObjectStore } from "../pack/open-pack.ts";
import { printable, tooLarge, unreadable, unsafe } from "../refusal.ts";

const MAX_PATH_BYTES = 4096;
const MODE_FOLDER = "040000";
const MODE_SUBMODULE = "160000";

/**
 * Every file below a tree. A tree may name another many times over, so a few kilobytes can tell of more files than there are
 * atoms: entries and their sizes count each time. InputError("archive_unreadable", "archive_unsafe", "archive_too_large").
 */
export function listTree(archive: string, objects: ObjectStore, tree: string, limits: ArchiveLimits): CommitTree {
  let entries = 0;
  let bytes = 0;

  function* below(id: string, folder: Buffer): Generator<RawTreeEntry> {
    const object = objects.read(id);
    if (object?.type !== "tree") throw unreadable(archive, `the folder ${printable(folder)} of its commit is missing or damaged.`);
    for (const { mode, name, objectId } of parseTree(archive, object.content, id.length / 2)) {
      entries += 1;
      if (entries > limits.entries)
        throw tooLarge(archive, `its commit has more than ${limits.entries.toLocaleString("en")} entries, which is the most allowed.`);
      const path = folder.length === 0 ? name : Buffer.concat([folder, Buffer.from("/"), name]);
      if (path.length > MAX_PATH_BYTES) throw unsafe(archive, `its commit has a path of more than ${MAX_PATH_BYTES} bytes.`);
      if (mode === MODE_FOLDER) {
        yield* below(objectId, path);
        continue;
      }
      const size = mode === MODE_SUBMODULE ? 0 : objects.sizeOf(objectId);
      bytes += size ?? 0;
      if (bytes > limits.unpackedBytes)
        throw tooLarge(archive, `the files of its commit have more than ${inWords(limits.unpackedBytes)}, which is the most allowed.`);
      yield { mode, path, objectId, size };
    }
  }

  return commitTree(below(tree, Buffer.alloc(0)));
}

interface TreeItem {
  readonly mode: string;
  readonly name: Buffer;
  readonly objectId: string;
}

/** A tree object: `mode SP name NUL id`, over and over. */
function* parseTree(archive: string, content: Buffer, idBytes: number): Generator<TreeItem> {
  for (let at = 0; at < content.length;) {
    const nul = content.indexOf(0, at);
    const space = content.indexOf(0x20, at);
    const end = nul + 1 + idBytes;
    if (nul < 0 || space < 0 || space > nul || end > content.length) throw unreadable(archive, "a folder of its commit is damaged.");
    const mode = content.toString("latin1", at, space).padStart(6, "0");
    yield { mode, name: content.subarray(space + 1, nul), objectId: content.toString("hex", nul + 1, end) };
    at = end;
  }
}
