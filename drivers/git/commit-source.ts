import { InputError } from "../../core/errors/index.ts";
import type { RepositoryFile, RepositorySource } from "../../core/survey/repository.ts";
import { changeTextsFrom, parseCommit, type CommitText } from "../../core/survey/change-texts.ts";
import type { TreeEntry } from "../../core/survey/commit-tree.ts";
import type { GitCommand } from "./git-command.ts";
import { objectReader, type ObjectReader } from "./object-reader.ts";

/** As far back as texts are looked for: style changes with the years, and reading stays under a second. */
const MAX_COMMITS_READ = 5000;
const COMMITS_A_BATCH = 250;

export interface CommitSourceRequest {
  readonly origin: string;
  readonly commit: string;
  readonly entries: readonly TreeEntry[];
  readonly notes: readonly string[];
  /** Reads through the shadow directory. */
  readonly git: GitCommand;
  readonly onClose: () => Promise<void>;
}

export function commitSource(request: CommitSourceRequest): RepositorySource {
  const { origin, commit, entries, git } = request;
  const objects = objectReader(git);
  return {
    origin,
    commit,
    notes: request.notes,
    async *files() {
      for (const entry of entries) yield repositoryFile(origin, entry, objects);
    },
    changeTexts: async (limit) => changeTextsFrom(await readHistory(git, objects, commit), limit),
    async close() {
      await objects.close();
      await request.onClose();
    },
  };
}

function repositoryFile(origin: string, entry: TreeEntry, objects: ObjectReader): RepositoryFile {
  const { path, kind, executable, size } = entry;
  return {
    path,
    kind,
    executable,
    size,
    async read() {
      if (kind === "submodule") return new Uint8Array();
      const content = await objects.read(entry.objectId);
      if (content !== null) return content;
      throw new InputError("repository_unreadable", `${origin}: the content of ${JSON.stringify(path)} is missing or damaged.`, {
        hint: "git fsck says what is wrong with the repository; a fresh, full clone is a way out.",
      });
    },
  };
}

async function readHistory(git: GitCommand, objects: ObjectReader, commit: string): Promise<CommitText[]> {
  const listed = await git.run(["rev-list", `--max-count=${MAX_COMMITS_READ}`, commit]);
  // Part of the history may be missing; what git listed before it noticed is still good.
  const ids = listed.stdout.toString("latin1").split("\n").filter(Boolean);
  const commits: CommitText[] = [];
  for (let start = 0; start < ids.length; start += COMMITS_A_BATCH) {
    const batch = await Promise.all(ids.slice(start, start + COMMITS_A_BATCH).map((id) => objects.read(id)));
    commits.push(...batch.flatMap((object) => (object === null ? [] : (parseCommit(object) ?? []))));
  }
  return commits;
}
