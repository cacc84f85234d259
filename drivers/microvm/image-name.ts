import { createHash } from "node:crypto";
import type { MicrovmSettings } from "../../core/config/cloud/microvm.ts";

const MAX_READABLE = 20;
const HASH_DIGITS = 16;

/** The name of the image that is made for `directory`, the same at each call: readable for a person, and no other directory's. */
export function imageName(settings: MicrovmSettings, directory: string): string {
  const readable = (directory.split("/").at(-1) ?? "").replaceAll(/[^A-Za-z0-9]+/g, "-").slice(-MAX_READABLE);
  const hash = createHash("sha256").update(directory).digest("hex").slice(0, HASH_DIGITS);
  return `${namePrefix(settings)}${`-${readable}-${hash}`.replaceAll(/-+/g, "-")}`;
}

export const namePrefix = ({ imageArnPrefix }: MicrovmSettings): string => imageArnPrefix.slice(imageArnPrefix.lastIndexOf(":") + 1);

/** The service takes no bare names where it asks for an image. */
export function imageArn({ imageArnPrefix }: MicrovmSettings, name: string): string {
  return `${imageArnPrefix.slice(0, imageArnPrefix.lastIndexOf(":"))}:${name}`;
}
