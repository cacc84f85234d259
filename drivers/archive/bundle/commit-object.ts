import { parseCommit, type CommitText } from "../../../core/survey/change-texts.ts";

export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  /** Seconds since the epoch. */
  readonly committedAt: number;
  readonly text: CommitText;
}

/** Null for something that is no commit. */
export function parseCommitObject(content: Buffer): CommitObject | null {
  const text = parseCommit(content);
  if (text === null) return null;
  const header = content.toString("latin1", 0, content.indexOf("\n\n"));
  const tree = /^tree ([0-9a-f]+)$/m.exec(header)?.[1];
  if (tree === undefined) return null;
  const committedAt = Number(/^committer .*> (\d{1,15}) [+-]\d+$/m.exec(header)?.[1] ?? 0);
  return { tree, parents: Array.from(header.matchAll(/^parent ([0-9a-f]+)$/gm), (match) => match[1]!), committedAt, text };
}

/** What an annotated tag names; null for something that is no tag. */
export const taggedObject = (content: Buffer): string | null =>
  /^object ([0-9a-f]+)\n/.exec(content.toString("latin1", 0, 100))?.[1] ?? null;
