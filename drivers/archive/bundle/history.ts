import type { CommitText } from "../../../core/survey/change-texts.ts";
import type { ObjectStore } from "../pack/open-pack.ts";
import { parseCommitObject, type CommitObject } from "./commit-object.ts";

/** As far back as drivers/git looks. */
const MAX_COMMITS_READ = 5000;

/** The newest commit first, as git rev-list has them. Where the history is incomplete, what there is. */
export function readHistory(objects: ObjectStore, head: string): CommitText[] {
  const seen = new Set<string>();
  const queue: CommitObject[] = [];
  const found: CommitText[] = [];

  function enqueue(id: string): void {
    if (seen.has(id)) return;
    seen.add(id);
    const object = objects.read(id);
    const commit = object?.type === "commit" ? parseCommitObject(object.content) : null;
    if (commit === null) return;
    // Behind those of the same time. Few are in the queue at once: as many as there are lines of development.
    const place = queue.findIndex(({ committedAt }) => committedAt < commit.committedAt);
    queue.splice(place < 0 ? queue.length : place, 0, commit);
  }

  enqueue(head);
  for (let next = queue.shift(); next !== undefined && found.length < MAX_COMMITS_READ; next = queue.shift()) {
    found.push(next.text);
    next.parents.forEach(enqueue);
  }
  return found;
}
