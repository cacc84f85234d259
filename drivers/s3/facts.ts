import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { ArtifactFacts, ControlPlatform } from "../../core/control/platform.ts";
import { assertKey } from "../../core/svg/artifact-key.ts";
import { isMissing, objectError, type Bucket } from "./bucket.ts";

export function createS3Facts(bucket: Bucket): ControlPlatform["factsOf"] {
  return async (key) => {
    assertKey(key);
    return factsOfObject(bucket, key);
  };
}

export async function factsOfObject(bucket: Bucket, key: string): Promise<ArtifactFacts | null> {
  try {
    const { ContentLength, ETag } = await bucket.client.send(new HeadObjectCommand({ Bucket: bucket.bucket, Key: key }));
    return { bytes: ContentLength ?? 0, version: (ETag ?? "").replaceAll('"', "") };
  } catch (error) {
    if (isMissing(error)) return null;
    throw objectError(error, "GetObject", bucket, key);
  }
}
