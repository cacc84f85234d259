import { DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { assertKey, isArtifactKey } from "../../core/svg/artifact-key.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { addressOf, objectError, type Bucket } from "./bucket.ts";
import { factsOfObject } from "./facts.ts";
import { readObject, readWhole } from "./read.ts";
import { openUpload, PART_BYTES } from "./upload.ts";
import { putObject } from "./write.ts";

/** Artefacts as the objects of a bucket, each under its key. Objects with names that no artefact can have are not listed. */
export function createS3Artifacts(bucket: Bucket): ArtifactStore {
  return {
    put: async (key, content) => {
      assertKey(key);
      if (content instanceof Uint8Array && content.byteLength <= PART_BYTES) await putObject(bucket, key, content);
      else await upload(bucket, key, content instanceof Uint8Array ? [content] : content);
    },
    get: async (key) => {
      assertKey(key);
      return new Uint8Array(await readWhole(bucket, key));
    },
    async *stream(key) {
      assertKey(key);
      yield* readObject(bucket, key);
    },
    exists: async (key) => {
      assertKey(key);
      return (await factsOfObject(bucket, key)) !== null;
    },
    list: (prefix) => listKeys(bucket, prefix),
    remove: async (key) => {
      assertKey(key);
      await removeObject(bucket, key);
    },
    locate: (key) => {
      assertKey(key);
      return addressOf(bucket, key);
    },
  };
}

async function upload(bucket: Bucket, key: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const uploading = openUpload(bucket, key);
  try {
    for await (const chunk of content) await uploading.write(chunk);
    await uploading.finish();
    await uploading.publish();
  } catch (error) {
    await uploading.abort();
    throw error;
  }
}

/** S3 gives them in the order of their UTF-8 bytes, which is that of code points, 1,000 at a time. */
export async function* listKeys(bucket: Bucket, prefix: string): AsyncIterable<string> {
  const parents = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")));
  if (prefix.includes("/")) assertKey(parents);
  let from: string | undefined;
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket.bucket, Prefix: prefix, ContinuationToken: from });
    const page = await bucket.client.send(command).catch((error: unknown) => {
      throw objectError(error, "ListBucket", bucket, prefix);
    });
    for (const { Key: key } of page.Contents ?? []) if (key !== undefined && isArtifactKey(key)) yield key;
    from = page.NextContinuationToken;
  } while (from !== undefined);
}

export async function removeObject(bucket: Bucket, key: string): Promise<void> {
  try {
    await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: key }));
  } catch (error) {
    throw objectError(error, "DeleteObject", bucket, key);
  }
}
