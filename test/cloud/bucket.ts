import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { randomUUID } from "node:crypto";
import { emulated } from "./moto.ts";

export interface TestBucket {
  readonly client: S3Client;
  readonly bucket: string;
  /** Keys of uploads that were begun and neither completed nor aborted. */
  unfinished(): Promise<readonly string[]>;
}

/** A new bucket on an emulator, with a client of its own. */
export async function newBucket(endpoint: string, settings: S3ClientConfig = {}): Promise<TestBucket> {
  const client = new S3Client({ ...emulated(endpoint), ...settings });
  const bucket = `bucket-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    client,
    bucket,
    unfinished: async () => {
      const { Uploads } = await new S3Client(emulated(endpoint)).send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return (Uploads ?? []).map((upload) => upload.Key ?? "");
    },
  };
}
