import { InputError } from "../errors/index.ts";

const MAX_KEY_BYTES = 1024;
/** Letters and digits of any script, and the marks that file systems and S3 agree on. */
const SEGMENT = /^[\p{L}\p{N}\p{M}_.@+=,()[\]{}~#!$&'-][\p{L}\p{N}\p{M} _.@+=,()[\]{}~#!$&'-]*$/u;
/** Windows gives these names to devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** Where a driver keeps files that are being written, below its root. No key lies there. */
export const WORK_FOLDER = ".tmp";

/** Throws InputError("usage") for a key that could leave the store, or that some platform's file system cannot hold. */
export function assertKey(key: string): void {
  const reason = refusal(key);
  if (reason !== null) {
    throw new InputError("usage", `${JSON.stringify(key)} is no artefact key: ${reason}`, {
      hint: "A key is relative, its parts are separated by single slashes, none of them is . or ..",
    });
  }
}

/** Whether a store may have this key: what else lies in a folder or a bucket is not ours. */
export const isArtifactKey = (key: string): boolean => refusal(key) === null;

/** The order of `list`: by code point, which is S3's. JavaScript's own order puts U+10000 and above before U+E000. */
export const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function refusal(key: string): string | null {
  if (key === "") return "it is empty";
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  if (key.split("/", 1)[0] === WORK_FOLDER) return `${WORK_FOLDER} holds files that are being written`;
  for (const segment of key.split("/")) {
    if (segment === "") return "it has an empty part";
    if (segment === "." || segment === "..") return `it has the part ${segment}`;
    if (Buffer.byteLength(segment) > 240) return "it has a part of more than 240 bytes";
    if (!SEGMENT.test(segment)) return `the part ${JSON.stringify(segment)} has a character that is not allowed`;
    if (segment.endsWith(".") || segment.endsWith(" ")) return `the part ${JSON.stringify(segment)} ends in a dot or a space`;
    if (DEVICE.test(segment)) return `the part ${JSON.stringify(segment)} is a device name on Windows`;
  }
  return null;
}
