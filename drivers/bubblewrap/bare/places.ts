import { WORKSPACE } from "../../../core/agent/sandbox.ts";

/** All that is written, where nothing but /tmp can be. */
const ROOT = "/tmp/serac";
export const SCRATCH = `${ROOT}/scratch`;
export const CONTROL_SCRATCH = `${ROOT}/g`;
export const HOME = "/tmp/home";
export const BASE = `${ROOT}/base`;
/** The work tree as the kernel calls it. */
export const TREE = `${BASE}/tree`;

/** Links that the machine must have at its root, since our scripts know these names: what bubblewrap mounts elsewhere. */
export const BARE_LINKS: Readonly<Record<string, string>> = { [WORKSPACE]: TREE, "/base": BASE, "/g": CONTROL_SCRATCH };

/** What a folder is called for the agent, which is to see /testbed and nothing of where that leads. */
export const nameOf = (folder: string): string =>
  folder === TREE || folder.startsWith(`${TREE}/`) ? WORKSPACE + folder.slice(TREE.length) : folder;

const REAL = Buffer.from(TREE);
const SEEN = Buffer.from(WORKSPACE);

/** The same for what a command printed: programs that ask the kernel where they are get the real name. */
export function withNames(output: Uint8Array): Uint8Array {
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(REAL); at >= 0; at = bytes.indexOf(REAL, from)) {
    parts.push(bytes.subarray(from, at), SEEN);
    from = at + REAL.length;
  }
  return parts.length === 0 ? output : Buffer.concat([...parts, bytes.subarray(from)]);
}
