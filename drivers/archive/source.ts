import { InputError } from "../../core/errors/index.ts";
import type { RepositoryFile, RepositorySource } from "../../core/survey/repository.ts";
import type { ContentFile } from "./content-file.ts";
import type { Leaf } from "./tree.ts";
import type { Unpacked } from "./tar/unpack.ts";

export interface UnpackedSourceRequest {
  readonly origin: string;
  /** What was asked for; an archive without a history has one commit at most. */
  readonly revision: string;
  readonly unpacked: Unpacked;
  readonly contents: ContentFile;
  readonly onClose: () => Promise<void>;
}

/** InputError("repository_commit_unknown"). */
export function unpackedSource({ origin, revision, unpacked, contents, onClose }: UnpackedSourceRequest): RepositorySource {
  const commit = commitOf(origin, revision, unpacked.comment);
  return {
    origin,
    commit,
    notes: unpacked.notes,
    async *files() {
      for (const leaf of unpacked.leaves) yield repositoryFile(leaf, contents);
    },
    changeTexts: async () => [],
    close: onClose,
  };
}

function repositoryFile(
  { path, kind, executable, offset, size, target }: Leaf & { readonly path: string },
  contents: ContentFile,
): RepositoryFile {
  return { path, kind, executable, size, read: async () => (kind === "file" ? contents.read(offset, size) : target) };
}

const COMMIT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const MIN_ABBREVIATION = 4;

/** The commit that git archive has written into the archive; null for an archive that says nothing. */
function commitOf(origin: string, revision: string, comment: string | null): string | null {
  const told = comment !== null && COMMIT_ID.test(comment.trim()) ? comment.trim() : null;
  const isTold = told !== null && revision.length >= MIN_ABBREVIATION && told.startsWith(revision.toLowerCase());
  if (revision === "HEAD" || isTold) return told;
  const holds = told === null ? "holds files without a history" : `holds the files of commit ${told} alone`;
  throw new InputError("repository_commit_unknown", `${origin} ${holds}, so there is no commit ${JSON.stringify(revision)}.`, {
    hint: "Leave repo.commit out to use the archive as it is, or upload a git bundle, which brings its commits along.",
  });
}
