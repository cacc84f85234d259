import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import { awsName } from "../../core/errors/cloud.ts";
import { objectError, type Bucket } from "./bucket.ts";

/** Metadata that says of an object which upload made it. */
const UPLOAD_MARK = "serac-upload";

export interface Multipart {
  readonly uploadId: string;
  readonly parts: readonly CompletedPart[];
  readonly mark: string;
}

export async function putObject(target: Bucket, key: string, body: Uint8Array): Promise<void> {
  try {
    await target.client.send(new PutObjectCommand({ Bucket: target.bucket, Key: key, Body: body }));
  } catch (error) {
    throw objectError(error, "PutObject", target, key);
  }
}

/** The id of the new upload. */
export async function beginMultipart(target: Bucket, key: string, mark: string): Promise<string> {
  try {
    const { UploadId } = await target.client.send(
      new CreateMultipartUploadCommand({
        Bucket: target.bucket,
        Key: key,
        ChecksumAlgorithm: "CRC32",
        Metadata: { [UPLOAD_MARK]: mark },
      }),
    );
    return UploadId!;
  } catch (error) {
    throw objectError(error, "PutObject", target, key);
  }
}

export async function completeMultipart(target: Bucket, key: string, { uploadId, parts, mark }: Multipart): Promise<void> {
  try {
    await target.client.send(
      new CompleteMultipartUploadCommand({
        Bucket: target.bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: [...parts] },
      }),
    );
  } catch (error) {
    // The answer to an earlier try was lost: the upload is done, and S3 does not know it any more.
    if (awsName(error) === "NoSuchUpload" && (await markOf(target, key)) === mark) return;
    throw objectError(error, "PutObject", target, key);
  }
}

/** No error: what stays is removed by the bucket's lifecycle rule for unfinished uploads. */
export async function abortMultipart(target: Bucket, key: string, uploadId: string): Promise<void> {
  await target.client.send(new AbortMultipartUploadCommand({ Bucket: target.bucket, Key: key, UploadId: uploadId })).catch(() => {});
}

async function markOf(target: Bucket, key: string): Promise<string | undefined> {
  const found = await target.client.send(new HeadObjectCommand({ Bucket: target.bucket, Key: key })).catch(() => null);
  return found?.Metadata?.[UPLOAD_MARK];
}
