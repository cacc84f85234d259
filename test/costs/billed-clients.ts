import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Meter } from "./requests.ts";

/** As S3's price list sorts them: put, copy, post and list; then get and all others. Removing is free. */
const OBJECT_WRITES = new Set([
  "PutObjectCommand",
  "ListObjectsV2Command",
  "CreateMultipartUploadCommand",
  "UploadPartCommand",
  "CompleteMultipartUploadCommand",
]);
const FREE = new Set(["DeleteObjectCommand", "AbortMultipartUploadCommand"]);

/** Has each command of the clients counted, once, however often the SDK repeats it. */
export function billClients(meter: Meter, { s3, sqs }: { readonly s3: S3Client; readonly sqs: SQSClient }): void {
  s3.middlewareStack.add(
    (next, { commandName = "" }) => {
      return (args) => {
        if (!FREE.has(commandName)) meter.add(OBJECT_WRITES.has(commandName) ? "objectWrites" : "objectReads", 1);
        return next(args);
      };
    },
    { step: "initialize", name: "billed" },
  );
  sqs.middlewareStack.add(
    (next) => (args) => {
      meter.add("queueRequests", 1);
      return next(args);
    },
    { step: "initialize", name: "billed" },
  );
}
