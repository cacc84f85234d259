import { InputError } from "../../../core/errors/index.ts";
import type { ObjectStore } from "../pack/open-pack.ts";
import { emptyRepository, printable, unreadable } from "../refusal.ts";
import { taggedObject } from "./commit-object.ts";
import type { BundleRef } from "./header.ts";

const MAX_TAGS_IN_A_ROW = 16;
const MAX_AMBIGUOUS = 64;
const MAX_NAMES_SHOWN = 8;
/** Where git looks for a name, and in which order (gitrevisions(7)). */
const PLACES = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];

export interface ResolvedCommit {
  readonly id: string;
  readonly notes: readonly string[];
}

/**
 * The commit that `revision` names: HEAD, a branch, a tag, or the beginning of an id. A bundle often has no HEAD; its only
 * branch counts then. InputError: repository_empty, repository_commit_unknown, archive_unreadable.
 */
export function resolveRevision(archive: string, revision: string, refs: readonly BundleRef[], objects: ObjectStore): ResolvedCommit {
  if (refs.length === 0) throw emptyRepository(archive);
  const named = refNamed(revision, refs) ?? (revision === "HEAD" ? onlyBranch(refs) : null);
  if (named !== null) {
    const id = commitOf(objects, named.id);
    if (id === null) throw unreadable(archive, `${printable(named.name)} names an object that is missing or is no commit.`);
    const isStandIn = revision === "HEAD" && named.name !== "HEAD";
    return { id, notes: isStandIn ? [`The bundle has no HEAD; its only branch ${shortName(named.name)} is used.`] : [] };
  }
  const [id, ...others] = isAbbreviation(revision) ? commitsStartingWith(objects, revision.toLowerCase()) : [];
  if (id !== undefined && others.length === 0) return { id, notes: [] };
  const why = id === undefined ? "has no commit that is called" : "has several commits that start with";
  throw new InputError("repository_commit_unknown", `${archive} ${why} ${printable(revision)}.`, { hint: hintFor(refs) });
}

function refNamed(revision: string, refs: readonly BundleRef[]): BundleRef | null {
  const byName = new Map(refs.map((ref) => [ref.name, ref]));
  for (const place of PLACES) {
    const found = byName.get(place + revision);
    if (found !== undefined) return found;
  }
  return null;
}

function onlyBranch(refs: readonly BundleRef[]): BundleRef | null {
  const branches = refs.filter(({ name }) => name.startsWith("refs/heads/"));
  return branches.length === 1 ? branches[0]! : null;
}

/** Four digits at least, as in git. */
const isAbbreviation = (revision: string): boolean => /^[0-9a-f]{4,64}$/i.test(revision);

function commitsStartingWith(objects: ObjectStore, digits: string): readonly string[] {
  const ids = objects.startingWith(digits, MAX_AMBIGUOUS);
  return [...new Set(ids.flatMap((id) => commitOf(objects, id) ?? []))];
}

/** Through annotated tags. */
function commitOf(objects: ObjectStore, id: string): string | null {
  let at = id;
  for (let depth = 0; depth < MAX_TAGS_IN_A_ROW; depth++) {
    const object = objects.read(at);
    if (object?.type === "commit") return at;
    const tagged = object?.type === "tag" ? taggedObject(object.content) : null;
    if (tagged === null) return null;
    at = tagged;
  }
  return null;
}

const shortName = (name: string): string => name.replace(/^refs\/(heads|tags|remotes)\//, "");

function hintFor(refs: readonly BundleRef[]): string {
  const names = refs.slice(0, MAX_NAMES_SHOWN).map(({ name }) => shortName(name));
  const more = refs.length - names.length;
  return `A branch, a tag or a commit id is allowed; here are ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}
