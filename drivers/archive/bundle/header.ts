import type { ByteReader } from "../byte-reader.ts";
import { printable, unreadable } from "../refusal.ts";

export interface BundleHeader {
  readonly algorithm: "sha1" | "sha256";
  /** In the order of the bundle; `HEAD` and full names such as `refs/heads/main`, each with a full id in lower-case hex. */
  readonly refs: readonly BundleRef[];
}

export interface BundleRef {
  readonly name: string;
  readonly id: string;
}

const MAX_LINE_BYTES = 8192;
const MAX_HEADER_BYTES = 64 << 20;
const WHOLE_BUNDLE = "Make a bundle of everything: git bundle create repo.bundle HEAD --branches --tags.";

/** What stands before the pack (gitformat-bundle(5)). InputError("archive_unreadable") for a bundle that does not hold everything. */
export async function readBundleHeader(archive: string, reader: ByteReader): Promise<BundleHeader> {
  const version = await line(archive, reader);
  let algorithm: BundleHeader["algorithm"] = "sha1";
  const refs: BundleRef[] = [];
  for (let text = await line(archive, reader); text !== ""; text = await line(archive, reader)) {
    if (reader.position > MAX_HEADER_BYTES) throw unreadable(archive, "it names more branches and tags than can be.");
    if (text.startsWith("@") && version === "# v3 git bundle") algorithm = capability(archive, text, algorithm);
    else if (text.startsWith("-")) {
      throw unreadable(
        archive,
        `it is a part of a history: it needs commit ${printable(text.slice(1, 13))}, which is not in it.`,
        WHOLE_BUNDLE,
      );
    } else refs.push(ref(archive, text, algorithm));
  }
  return { algorithm, refs };
}

function capability(archive: string, text: string, algorithm: BundleHeader["algorithm"]): BundleHeader["algorithm"] {
  if (text === "@object-format=sha1") return "sha1";
  if (text === "@object-format=sha256") return "sha256";
  if (text.startsWith("@filter="))
    throw unreadable(archive, `it was made with a filter (${printable(text.slice(8))}), so that files are missing in it.`, WHOLE_BUNDLE);
  throw unreadable(archive, `it needs something that is not known here: ${printable(text)} (of ${algorithm}).`, WHOLE_BUNDLE);
}

function ref(archive: string, text: string, algorithm: BundleHeader["algorithm"]): BundleRef {
  const match = /^([0-9a-f]+) (.+)$/.exec(text);
  if (match === null || match[1]!.length !== (algorithm === "sha1" ? 40 : 64))
    throw unreadable(archive, `its header has the damaged line ${printable(text)}.`);
  return { id: match[1]!, name: match[2]! };
}

async function line(archive: string, reader: ByteReader): Promise<string> {
  const ahead = await reader.peek(MAX_LINE_BYTES);
  const end = ahead.indexOf(0x0a);
  if (end < 0) throw unreadable(archive, "its header is damaged or cut off.");
  const text = ahead.toString("utf8", 0, end);
  await reader.take(end + 1);
  return text;
}
