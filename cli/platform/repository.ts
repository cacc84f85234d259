import type { RepositorySource } from "../../core/survey/repository.ts";

/** A repository at a commit, or a plain folder as it is. The caller closes it. InputError: repository_…. */
export async function openRepository(source: string, commit = "HEAD"): Promise<RepositorySource> {
  const git = await import("../../drivers/git/index.ts");
  return git.openRepository(source, commit);
}
