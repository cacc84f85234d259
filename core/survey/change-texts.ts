/** A commit as git stores it: header lines, an empty line, the message. */
export interface CommitText {
  readonly parents: number;
  readonly message: string;
}

export const MIN_TEXT_CHARS = 80;
export const MAX_TEXT_CHARS = 4000;

/** Null for something that is no commit object. */
export function parseCommit(object: Buffer): CommitText | null {
  const end = object.indexOf("\n\n");
  if (end < 0 || object.indexOf("tree ") !== 0) return null;
  const header = object.toString("latin1", 0, end);
  const encoding = /^encoding (\S+)$/m.exec(header)?.[1] ?? "utf-8";
  return { parents: header.match(/^parent /gm)?.length ?? 0, message: decodeMessage(object.subarray(end + 2), encoding) };
}

function decodeMessage(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("latin1");
  }
}

/**
 * Texts that read like an issue or a pull request: those with a pull request's number or a merge first, then other
 * commits, the newest first within each. `commits` comes newest first. No text twice.
 */
export function changeTextsFrom(commits: readonly CommitText[], limit: number): readonly string[] {
  const pullRequests = new Set<string>();
  const others = new Set<string>();
  for (const commit of commits) {
    if (commit.message.length > 4 * MAX_TEXT_CHARS || isByMachine(commit.message)) continue;
    const text = cleanMessage(commit.message);
    if (text.length < MIN_TEXT_CHARS || text.length > MAX_TEXT_CHARS || !text.includes("\n")) continue;
    (isPullRequest(commit) ? pullRequests : others).add(text);
  }
  return [...new Set([...pullRequests, ...others])].slice(0, limit);
}

const MERGE_SUBJECT =
  /^(merge (pull request|merge request|branch|remote-tracking branch|tag|commit)\b.*|merged in .*|merge \S+ into \S+.*)$/i;
const PULL_REQUEST_NUMBER = / \([#!]\d+\)$| [#!]\d+$/;

const isPullRequest = ({ parents, message }: CommitText): boolean =>
  parents > 1 || PULL_REQUEST_NUMBER.test(message.split("\n", 1)[0] ?? "");

/** Dependency robots, releases and reverts show nothing of how people here describe a problem. */
const isByMachine = (message: string): boolean =>
  /^(build\(deps|chore\(deps|bump |update dependency |pin dependenc|\[pre-commit\.ci\]|chore\(release|release v?\d|v?\d+\.\d+(\.\d+)?\s*$|revert ")/i.test(
    message,
  ) || /^(dependabot|renovate)\b|^updated-dependencies:/im.test(message);

/** `Signed-off-by: …` and its like: git-interpret-trailers(1) ends a message with a block of them. */
const TRAILER =
  /^([A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)+|bug|issue|pr|see|cc|fixes|closes|refs?|tested|link|differential revision|git-svn-id|from-svn-id)\s?: .+$/i;
/** Bounded, so that no message makes matching slow. */
const EMAIL = / ?<?[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,8}>?/g;
const CI_MARK = /\[(skip ci|ci skip)\]/gi;
const CONFLICT_HEADING = /^# ?Conflicts?:|^Conflicts?:$/i;

export function cleanMessage(message: string): string {
  const lines = message
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(CI_MARK, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => !CONFLICT_HEADING.test(line));
  if (MERGE_SUBJECT.test(lines[0] ?? "")) lines.shift();
  const [subject = "", ...body] = withoutTrailers(lines.slice(firstFilled(lines)));
  return [subject.replace(PULL_REQUEST_NUMBER, ""), ...body]
    .join("\n")
    .replaceAll(EMAIL, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

const firstFilled = (lines: readonly string[]): number =>
  Math.max(
    0,
    lines.findIndex((line) => line !== ""),
  );

/** Trailers stand in the last paragraphs; a line of that look inside the text stays. */
function withoutTrailers(lines: readonly string[]): string[] {
  const kept = [...lines];
  while (kept.length > 1) {
    const last = kept.at(-1) ?? "";
    if (last !== "" && !TRAILER.test(last)) break;
    kept.pop();
  }
  return kept;
}
