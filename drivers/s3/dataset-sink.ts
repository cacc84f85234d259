import type { DatasetFile, DatasetSink } from "../../core/dataset/index.ts";
import { assertKey } from "../../core/svg/artifact-key.ts";
import { listKeys, removeObject } from "./artifacts.ts";
import { atOnce } from "./at-once.ts";
import { addressOf, type Bucket } from "./bucket.ts";
import { openUpload, type Upload } from "./upload.ts";

/** Written last: where it lies, the export is complete. */
const CARD = "README.md";
const CALLS_AT_ONCE = 8;

/**
 * An export below `prefix`, which belongs to it alone. Everything is uploaded before anything is to be seen; then `commit` takes
 * the old card away, puts the files in place, removes those of the old export that the new one does not have, and puts the new
 * card there. An export that dies in the midst of that has no card, and the next one puts it right.
 */
export function createS3DatasetSink(target: Bucket & { readonly prefix: string }): DatasetSink {
  const folder = target.prefix.replace(/\/$/, "");
  assertKey(folder);
  const uploads = new Map<string, Upload>();
  const open = new Set<string>();

  const publish = async (keys: readonly string[]): Promise<void> => {
    await atOnce(CALLS_AT_ONCE, keys, async (key) => {
      await uploads.get(key)!.publish();
      uploads.delete(key);
    });
  };

  return {
    create: async (path) => {
      const key = `${folder}/${path}`;
      assertKey(key);
      if (uploads.has(key)) throw new TypeError(`${path} is written twice.`);
      const upload = openUpload(target, key);
      uploads.set(key, upload);
      open.add(key);
      return fileOf(upload, () => open.delete(key));
    },
    commit: async () => {
      if (open.size > 0) throw new TypeError(`${[...open].join(", ")}: still being written at the commit.`);
      const card = `${folder}/${CARD}`;
      const ours = new Set(uploads.keys());
      if (!ours.has(card)) throw new TypeError(`An export ends with ${CARD}, and there is none.`);
      await removeObject(target, card);
      await publish([...ours].filter((key) => key !== card));
      const old: string[] = [];
      for await (const key of listKeys(target, `${folder}/`)) if (!ours.has(key)) old.push(key);
      await atOnce(CALLS_AT_ONCE, old, (key) => removeObject(target, key));
      await publish([card]);
      return addressOf(target, `${folder}/`);
    },
    abort: async () => {
      const left = [...uploads.values()];
      uploads.clear();
      open.clear();
      await atOnce(CALLS_AT_ONCE, left, (upload) => upload.abort());
    },
  };
}

function fileOf(upload: Upload, closed: () => void): DatasetFile {
  return {
    write: (chunk) => upload.write(chunk),
    close: async () => {
      await upload.finish();
      closed();
    },
  };
}
