import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { ArtifactLinks } from "../../core/control/platform.ts";
import { InputError } from "../../core/errors/index.ts";
import { assertKey } from "../../core/svg/artifact-key.ts";
import { objectError, type Bucket } from "./bucket.ts";

/** Longer than any role's session, which ends its links too. */
const MAX_EXPIRES_MS = 12 * 60 * 60 * 1000;
/** Of one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PUT_BYTES = 5 * 2 ** 30;

/** Presigned addresses. An upload is bound to its length, and may put something only where there is nothing. */
export function createS3Links(target: Bucket): ArtifactLinks {
  const client = withoutChecksums(target.client);
  return {
    download: async (key, { expiresMs, fileName }) => {
      assertKey(key);
      const ResponseContentDisposition = attachment(fileName);
      const command = new GetObjectCommand({ Bucket: target.bucket, Key: key, ResponseContentDisposition });
      return getSignedUrl(client, command, { expiresIn: secondsOf(expiresMs) }).catch((error: unknown) => {
        throw objectError(error, "GetObject", target, key);
      });
    },
    upload: async (key, { expiresMs, bytes }) => {
      assertKey(key);
      if (!Number.isSafeInteger(bytes) || bytes < 1 || bytes > MAX_PUT_BYTES) {
        throw new InputError("usage", `An upload has 1 to ${MAX_PUT_BYTES} bytes, not ${bytes}.`);
      }
      const command = new PutObjectCommand({ Bucket: target.bucket, Key: key, ContentLength: bytes, IfNoneMatch: "*" });
      const options = { expiresIn: secondsOf(expiresMs), unhoistableHeaders: SIGNED, signableHeaders: SIGNED };
      const url = await getSignedUrl(client, command, options).catch((error: unknown) => {
        throw objectError(error, "PutObject", target, key);
      });
      return { url, headers: { "content-length": String(bytes), "if-none-match": "*" } };
    },
  };
}

/** Else the SDK signs the checksum of an empty body into an upload's address, as it sees no other, and S3 refuses the real one. */
function withoutChecksums({ config }: S3Client): S3Client {
  const { region, credentials, endpoint, forcePathStyle } = config;
  const checksums = { requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" } as const;
  return new S3Client({ region, credentials, endpoint, forcePathStyle, ...checksums });
}

const SIGNED = new Set(["host", "content-length", "if-none-match"]);

const secondsOf = (expiresMs: number): number => Math.max(1, Math.floor(Math.min(expiresMs, MAX_EXPIRES_MS) / 1000));

/** RFC 6266: a plain name for everybody, and the real one in the form of RFC 5987. */
export function attachment(fileName: string): string {
  const name = fileName.slice(0, 200).replaceAll(/[\p{C}/\\]/gu, "_") || "download";
  const plain = name.replaceAll(/[^\x20-\x7e]|["%]/g, "_");
  const extended = encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended}`;
}
