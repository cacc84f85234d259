import { UploadPartCommand, type CompletedPart } from "@aws-sdk/client-s3";
import { randomUUID } from "node:crypto";
import { SeracError } from "../../core/errors/index.ts";
import { addressOf, objectError, type Bucket } from "./bucket.ts";
import { abortMultipart, beginMultipart, completeMultipart, putObject } from "./write.ts";

/** Of one part. S3 takes 5 MiB and more, and 10,000 parts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const PART_BYTES = 8 * 2 ** 20;
const MAX_PARTS = 10_000;
/** With the part that is being filled, an upload holds at most 32 MiB. */
const PARTS_AT_ONCE = 3;

/** An object on its way: nothing of it is to be seen before `publish`. Errors are SeracErrors `cloud_…`. */
export interface Upload {
  /** One at a time. The chunk belongs to the caller again when the promise is settled; waits while enough parts are under way. */
  write(chunk: Uint8Array): Promise<void>;
  /** Sends what is left. Nothing may be written after it. */
  finish(): Promise<void>;
  /** Shows the object in place of the old one, at once. */
  publish(): Promise<void>;
  /** Leaves nothing behind; no error. Not after `publish`. */
  abort(): Promise<void>;
}

/** What fits into one part is sent by `publish`, in a single call; anything longer goes up in parts as it comes. */
export function openUpload(target: Bucket, key: string): Upload {
  const parts: CompletedPart[] = [];
  const sending = new Set<Promise<void>>();
  const mark = randomUUID();
  let pieces: Uint8Array[] = [];
  let pieceBytes = 0;
  let uploadId: string | null = null;
  let failure: { readonly error: unknown } | null = null;

  const throwFailure = (): void => {
    if (failure !== null) throw failure.error;
  };

  const sendPieces = async (): Promise<void> => {
    const body = Buffer.concat(pieces);
    pieces = [];
    pieceBytes = 0;
    uploadId ??= await beginMultipart(target, key, mark);
    if (parts.length === MAX_PARTS) {
      throw new SeracError(
        "cloud_failed",
        `${addressOf(target, key)} is longer than ${MAX_PARTS * PART_BYTES} bytes, the most that is uploaded.`,
      );
    }
    const part: CompletedPart = { PartNumber: parts.length + 1 };
    parts.push(part);
    const sent = sendPart(uploadId, part, body)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => sending.delete(sent));
    sending.add(sent);
    while (sending.size >= PARTS_AT_ONCE) await Promise.race(sending);
    throwFailure();
  };

  const sendPart = async (id: string, part: CompletedPart, body: Uint8Array): Promise<void> => {
    try {
      const command = new UploadPartCommand({
        Bucket: target.bucket,
        Key: key,
        UploadId: id,
        PartNumber: part.PartNumber,
        Body: body,
        ChecksumAlgorithm: "CRC32",
      });
      const { ETag, ChecksumCRC32 } = await target.client.send(command);
      Object.assign(part, { ETag, ChecksumCRC32 });
    } catch (error) {
      throw objectError(error, "PutObject", target, key);
    }
  };

  return {
    write: async (chunk) => {
      for (let at = 0; at < chunk.byteLength;) {
        if (pieceBytes === PART_BYTES) await sendPieces();
        const piece = Buffer.from(chunk.subarray(at, at + PART_BYTES - pieceBytes));
        pieces.push(piece);
        pieceBytes += piece.byteLength;
        at += piece.byteLength;
      }
    },
    finish: async () => {
      if (uploadId !== null && pieceBytes > 0) await sendPieces();
      await Promise.all(sending);
      throwFailure();
    },
    publish: async () => {
      if (uploadId === null) await putObject(target, key, Buffer.concat(pieces));
      else await completeMultipart(target, key, { uploadId, parts, mark });
      pieces = [];
    },
    abort: async () => {
      await Promise.all(sending);
      pieces = [];
      if (uploadId !== null) await abortMultipart(target, key, uploadId);
    },
  };
}
