import * as z from "zod";
import { MAX_ARCHIVE_BYTES } from "../../archive.ts";
import { ARCHIVE_FORMATS } from "../../platform.ts";
import { strict, timestamp } from "./fields.ts";

export const UPLOAD_ID = new RegExp(`^[A-Za-z0-9]{24}\\.(${ARCHIVE_FORMATS.map((format) => format.replaceAll(".", "\\.")).join("|")})$`);

export const newUploadBody = strict({
  bytes: z.int().min(1).max(MAX_ARCHIVE_BYTES).meta({ description: "Exactly as many are to be sent." }),
  format: z.enum(ARCHIVE_FORMATS).meta({ description: "bundle: of `git bundle create`." }),
}).meta({ id: "NewUpload", example: { bytes: 48_211, format: "tar.gz" } });

export const uploadSchema = z
  .object({
    uploadId: z.string().meta({ example: "4fGh2kLmN8pQrS6tUvWxYz01.tar.gz" }),
    url: z.url().meta({ description: "For one PUT of the archive; needs no key." }),
    headers: z.record(z.string(), z.string()).meta({ description: "To be sent with it, as they stand." }),
    expiresAt: timestamp,
  })
  .meta({ id: "Upload" });
