import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { awsStatus } from "../../core/errors/cloud.ts";
import { SeracError } from "../../core/errors/index.ts";
import { isMissing, objectError, type Bucket } from "./bucket.ts";

/** Connections that break in the midst of one object before the reader hears of it. The SDK repeats only what has not begun to arrive. */
const MAX_BREAKS = 5;

/**
 * The chunks of an object, as fast as they are taken. A connection that breaks is taken up again where it broke, on the same
 * version of the object. SeracError: `artifact_missing`, `cloud_…`.
 */
export async function* readObject(source: Bucket, key: string): AsyncIterable<Uint8Array> {
  let answer = await open(source, key, null);
  const version = answer.ETag;
  const total = answer.ContentLength ?? 0;
  let at = 0;
  for (let breaks = 0; ;) {
    try {
      for await (const chunk of chunksOf(answer)) {
        at += chunk.byteLength;
        yield chunk;
      }
      if (at >= total) return;
      throw new Error(`the connection ended after ${at} of ${total} bytes`);
    } catch (error) {
      breaks += 1;
      if (breaks > MAX_BREAKS || at >= total || version === undefined) throw objectError(error, "GetObject", source, key);
    }
    answer = await open(source, key, { at, version });
  }
}

/** The same, for what fits into memory. */
export async function readWhole(source: Bucket, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readObject(source, key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Place {
  readonly at: number;
  readonly version: string;
}

async function open(source: Bucket, key: string, from: Place | null): Promise<GetObjectCommandOutput> {
  const range = from === null ? {} : { Range: `bytes=${from.at}-`, IfMatch: from.version };
  try {
    return await source.client.send(new GetObjectCommand({ Bucket: source.bucket, Key: key, ...range }));
  } catch (error) {
    if (isMissing(error)) throw new SeracError("artifact_missing", `there is no artefact ${key}`, { cause: error });
    if (awsStatus(error) === 412) throw new SeracError("cloud_failed", `${key} was replaced while it was being read.`, { cause: error });
    throw objectError(error, "GetObject", source, key);
  }
}

/** In Node the SDK's body is a stream of Node's, which is destroyed when nobody reads on. */
function chunksOf(answer: GetObjectCommandOutput): AsyncIterable<Uint8Array> {
  const { Body: body } = answer;
  if (body === undefined || !(Symbol.asyncIterator in body)) throw new TypeError("S3 gave an answer without a body.");
  return body as AsyncIterable<Uint8Array>;
}
