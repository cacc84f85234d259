import { DROPS_PREFIX } from "../../config/cloud/names.ts";

export const CONFIG_NAME = "serac.yaml";
const RESULT_NAME = "result.json";

export const dropFolder = (name: string): string => `${DROPS_PREFIX}${name}/`;
/** For what lies in no drop. */
export const STRAY_RESULT = `${DROPS_PREFIX}${RESULT_NAME}`;
export const resultKey = (name: string): string => `${dropFolder(name)}${RESULT_NAME}`;

/** As run names are, and so safe in every key. */
export const isDropName = (name: string): boolean => /^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name) && !name.endsWith(".");

/** What may hold a repository goes by its name here; what it really is decides whoever opens it. */
const ARCHIVE = /\.(tar|tar\.gz|tgz|tar\.zst|tzst|zip|bundle)$/i;
export const ARCHIVE_NAMES = ".tar.gz, .tar.zst, .tar, .zip or .bundle";
const MOST_FILES = 200;
/** With those in folders. A repository that was uploaded as it is can have hundreds of thousands, and each of them calls for a look. */
const MOST_KEYS = 5_000;

export interface DropFolder {
  readonly hasConfig: boolean;
  readonly archives: readonly string[];
  /** Names of the rest, folders with a slash. */
  readonly others: readonly string[];
  /** There is more than anybody would drop. */
  readonly isTooFull: boolean;
}

/** What lies in the drop, by name; below folders nothing is looked for. */
export async function listDrop(list: (prefix: string) => AsyncIterable<string>, name: string): Promise<DropFolder> {
  const names = new Set<string>();
  const prefix = dropFolder(name);
  let keys = 0;
  for await (const key of list(prefix)) {
    keys += 1;
    const [first = "", ...rest] = key.slice(prefix.length).split("/");
    if (names.size > MOST_FILES || keys > MOST_KEYS) break;
    if (first === "" || first.startsWith(".") || (first === RESULT_NAME && rest.length === 0)) continue;
    names.add(rest.length === 0 ? first : `${first}/`);
  }
  const files = [...names];
  const archives = files.filter((file) => ARCHIVE.test(file));
  return {
    hasConfig: names.has(CONFIG_NAME),
    archives,
    others: files.filter((file) => file !== CONFIG_NAME && !archives.includes(file)),
    isTooFull: names.size > MOST_FILES || keys > MOST_KEYS,
  };
}
