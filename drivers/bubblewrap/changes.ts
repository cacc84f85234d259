import { SandboxError } from "../../core/errors/index.ts";
import { planIndexUpdate, suspectFolders } from "./index-update.ts";
import { changedPaths, listCommand, parseListing, type ListedEntry } from "./listing.ts";
import type { ControlOptions, ControlResult } from "./run-on-control.ts";
import { createDirectPatch, type Listing } from "./direct-patch.ts";
import { feedOf, piped } from "./path-lists.ts";
import { parseTrackedPaths, type TrackedPaths } from "./tracked-paths.ts";

/**
 * What the agent changed, told by git, which control runs with a repository of ours: hooks, filters, attributes and
 * settings of the agent's own repository play no part, and neither do repositories nested in the tree.
 */
export interface Changes {
  /** Renames shown as such, for reading. */
  diff(maxBytes: number): Promise<Buffer>;
  /** Exact, for `restore`; null when the tree is as it was at the last call (or at `restore`). */
  patchIfChanged(maxBytes: number): Promise<Buffer | null>;
  restore(patch: Uint8Array): Promise<void>;
}

export type RunOnControl = (script: string, options?: ControlOptions) => Promise<ControlResult>;

export interface ChangesOptions {
  readonly run: RunOnControl;
  /** `overlay`: the upper folder holds exactly what was touched. `clone`: the tree is a copy of the base. */
  readonly mode: "overlay" | "clone";
  readonly baseCommit: string;
  /** Shared by all workspaces on one base. */
  readonly tracked: () => Promise<TrackedPaths>;
}

/** More than this is not read into a diff: it would take minutes, to be refused at the end. */
const MAX_READ_BYTES = 128_000_000;

const ATTEMPTS = 3;

/** Exported once in control. `/g` is a scratch that only control sees. */
export const GIT_ENVIRONMENT = [
  "export GIT_DIR=/base/git GIT_WORK_TREE=/testbed GIT_INDEX_FILE=/g/index GIT_OBJECT_DIRECTORY=/g/objects",
  "export GIT_ALTERNATE_OBJECT_DIRECTORIES=/base/git/objects GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1",
  "export GIT_LITERAL_PATHSPECS=1 GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_NO_REPLACE_OBJECTS=1",
].join("; ");

const DIFF = "git diff-index -p --binary --no-color --no-ext-diff --no-textconv --src-prefix=a/ --dst-prefix=b/";

export function createChanges(options: ChangesOptions): Changes {
  const { mode, baseCommit } = options;
  const isOverlay = mode === "overlay";
  const list = listCommand(isOverlay ? "/w/up" : "/testbed/");
  /** The listing of a workspace in which nothing was touched. */
  let initial: Listing = new Map();
  /** What the temporary index shows. */
  let indexed: Listing | null = null;
  /** As it was when the last checkpoint was taken. */
  let saved: { readonly listing: Listing; readonly patch: Buffer } | null = null;
  /** Folders of the upper layer that are known to lie over their counterpart of the base. */
  const merged = new Map<string, string>();

  async function must(script: string, runOptions?: ControlOptions): Promise<ControlResult> {
    const result = await options.run(`{ ${script}\n} 2>/g/errors || { cat /g/errors; false; }`, runOptions);
    if (result.status === 0) return result;
    throw new SandboxError(
      "sandbox_failed",
      `The changes of the workspace could not be read: ${result.output.toString("utf8").slice(-500).trim()}`,
    );
  }

  async function listing(): Promise<Map<string, ListedEntry>> {
    const { output, omittedBytes } = await must(`${list} || :`, { maxBytes: 256_000_000 });
    if (omittedBytes > 0) throw new SandboxError("sandbox_failed", "The workspace holds too many files to compare.");
    return parseListing(output);
  }

  /** A merged folder of an overlay has one link, a folder of its own at least two (fs/overlayfs/inode.c, ovl_getattr). */
  async function opaqueFolders(changed: readonly string[], entries: Listing, tracked: TrackedPaths): Promise<Set<string>> {
    const opaque = new Set<string>();
    if (!isOverlay) return opaque;
    const inode = (path: string): string => entries.get(path)!.stamp.split(" ")[3]!;
    const suspects = suspectFolders(changed, entries, tracked).filter((path) => merged.get(path) !== inode(path));
    if (suspects.length === 0) return opaque;
    const { output } = await must(`${piped(suspects)} | (cd /testbed && exec xargs -0 stat -c %h --)`, {
      feed: Buffer.concat(feedOf(suspects)),
    });
    const links = output.toString("latin1").trim().split("\n");
    for (const [at, path] of suspects.entries()) {
      if (links[at] === "1") merged.set(path, inode(path));
      else opaque.add(path);
    }
    return opaque;
  }

  async function ignored(paths: readonly string[]): Promise<Set<string>> {
    if (paths.length === 0) return new Set();
    // check-ignore knows no literal pathspecs; behind `./` a leading `:` means nothing.
    const inside = paths.map((path) => `./${path}`);
    const script = `${piped(inside)} | (cd /testbed && GIT_LITERAL_PATHSPECS=0 exec git check-ignore -z --stdin); (($? < 2))`;
    const { output } = await must(script, { feed: Buffer.concat(feedOf(inside)) });
    return new Set(
      output
        .toString("latin1")
        .split("\0")
        .filter(Boolean)
        .map((path) => path.slice(2)),
    );
  }

  /** Brings the temporary index up to the tree. */
  async function index(entries: Listing): Promise<void> {
    const tracked = await options.tracked();
    let before = indexed ?? initial;
    // With other ignore rules, what was decided before no longer holds.
    if (!indexed || changedPaths(before, entries).some((path) => path === ".gitignore" || path.endsWith("/.gitignore"))) {
      await must("cp /base/index /g/index");
      before = initial;
    }
    const changed = changedPaths(before, entries);
    const opaque = await opaqueFolders(changed, entries, tracked);
    const plan = planIndexUpdate(changed, before, entries, tracked, (path) => opaque.has(path));
    const skip = await ignored(plan.untracked);
    const toRead = plan.refresh.filter((path) => !skip.has(path));
    const readBytes = toRead.reduce((sum, path) => sum + (entries.get(path)?.size ?? 0), 0);
    if (readBytes > MAX_READ_BYTES) {
      throw new SandboxError("sandbox_failed", `The changed files hold ${readBytes} bytes, more than a diff may carry.`);
    }
    const removal = plan.remove.length > 0 ? [`${piped(plan.remove)} | git update-index --force-remove -z --stdin`] : [];
    const reading =
      toRead.length > 0 ? [`${piped(toRead)} | (cd /testbed && exec git update-index --add --remove --replace -z --stdin)`] : [];
    const steps = [...removal, ...reading];
    if (steps.length > 0) await must(steps.join(" && "), { feed: Buffer.concat([...feedOf(plan.remove), ...feedOf(toRead)]) });
    indexed = entries;
  }

  const direct = createDirectPatch({ must, tracked: options.tracked, opaqueFolders, ignored });

  async function patch(entries: Listing, flags: string, maxBytes: number): Promise<Buffer> {
    const short =
      bytesOf(entries) > MAX_READ_BYTES ? null : await direct.take(initial, entries, `${DIFF} ${flags} ${baseCommit}`, maxBytes);
    if (!short) await index(entries);
    const { output, omittedBytes } = short ?? (await must(`${DIFF} --cached ${flags} ${baseCommit} --`, { maxBytes }));
    if (omittedBytes > 0) {
      throw new SandboxError(
        "sandbox_failed",
        `The changes of the workspace are larger than ${maxBytes} bytes (${maxBytes + omittedBytes}).`,
      );
    }
    return output;
  }

  /** Processes in the background may change the tree while it is read: then once more. */
  async function readPatch(flags: string, maxBytes: number, seen?: Listing): Promise<{ listing: Listing; patch: Buffer }> {
    for (let attempt = 1; ; attempt++) {
      const entries = attempt === 1 && seen ? seen : await listing();
      try {
        return { listing: entries, patch: await patch(entries, flags, maxBytes) };
      } catch (error) {
        indexed = null;
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  return {
    async diff(maxBytes) {
      return (await readPatch("-M --abbrev=7", maxBytes)).patch;
    },
    async patchIfChanged(maxBytes) {
      const seen = await listing();
      if (saved ? changedPaths(saved.listing, seen).length === 0 : isOverlay && seen.size === 0) return null;
      const now = await readPatch("--no-renames --full-index", maxBytes, seen);
      const isSame = saved ? saved.patch.equals(now.patch) : now.patch.length === 0;
      saved = now;
      return isSame ? null : now.patch;
    },
    async restore(bytes) {
      if (!isOverlay) initial = await listing();
      if (bytes.length > 0) {
        const script = `head -c ${bytes.length} <&96 >/g/patch && (cd /testbed && git apply --binary --whitespace=nowarn /g/patch) && rm /g/patch`;
        await must(script, { feed: bytes });
      }
      saved = { listing: await listing(), patch: Buffer.from(bytes) };
    },
  };
}

export async function readTrackedPaths(run: RunOnControl): Promise<TrackedPaths> {
  const { output } = await run("GIT_INDEX_FILE=/base/index git ls-files -z", { maxBytes: Number.MAX_SAFE_INTEGER });
  return parseTrackedPaths(output);
}

function bytesOf(entries: Listing): number {
  let sum = 0;
  for (const entry of entries.values()) if (entry.type === "f") sum += entry.size;
  return sum;
}
