import type { RepositorySource } from "../survey/repository.ts";

/** A repository that is opened when it is first read: what is prepared already needs no archive unpacked. */
export function lazyRepository(
  known: Pick<RepositorySource, "origin" | "commit">,
  open: () => Promise<RepositorySource>,
): RepositorySource {
  let opening: Promise<RepositorySource> | null = null;
  let opened: RepositorySource | null = null;
  const source = async (): Promise<RepositorySource> => {
    opening ??= open();
    opened = await opening;
    return opened;
  };
  return {
    origin: known.origin,
    get commit() {
      return opened?.commit ?? known.commit;
    },
    get notes() {
      return opened?.notes ?? [];
    },
    async *files() {
      yield* (await source()).files();
    },
    changeTexts: async (limit) => (await source()).changeTexts(limit),
    close: async () => {
      await (await opening?.catch(() => null))?.close();
    },
  };
}
