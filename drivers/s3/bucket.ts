import type { S3Client } from "@aws-sdk/client-s3";
import { awsName, awsStatus, cloudError } from "../../core/errors/cloud.ts";
import { SeracError } from "../../core/errors/index.ts";

/** One bucket, and the client that may use it. */
export interface Bucket {
  readonly client: S3Client;
  readonly bucket: string;
}

export const addressOf = ({ bucket }: Pick<Bucket, "bucket">, key: string): string => `s3://${bucket}/${key}`;

/** What S3 said of an object, as an error of serac's. */
export function objectError(error: unknown, action: string, { bucket }: Pick<Bucket, "bucket">, key: string): unknown {
  if (awsName(error) === "NoSuchBucket") {
    return new SeracError("cloud_failed", `There is no bucket ${bucket}.`, {
      hint: "It comes with the data stack: deploy that first, and look whether region and account are the right ones.",
      cause: error,
    });
  }
  const translated = cloudError(error, { action: `s3:${action}`, subject: addressOf({ bucket }, key) });
  const isDenied = action === "GetObject" && translated instanceof SeracError && translated.code === "cloud_denied";
  if (!isDenied) return translated;
  return new SeracError("cloud_denied", translated.message, {
    hint: `Whoever runs this needs s3:GetObject on it, and s3:ListBucket on ${bucket}: without that S3 does not tell what is not there.`,
    cause: error,
  });
}

/** Whether S3 said that there is no such object. A HEAD has no body, so no code either. */
export function isMissing(error: unknown): boolean {
  const name = awsName(error);
  return name !== "NoSuchBucket" && (name === "NoSuchKey" || name === "NotFound" || awsStatus(error) === 404);
}
