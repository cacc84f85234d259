import { posix } from "node:path";
import { WORKSPACE } from "../../../sandbox.ts";

export type PathResult = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly problem: string };

/** The editor works on absolute paths in the workspace; for any other it says which one was probably meant. */
export function workspacePath(given: string): PathResult {
  if (given.includes("\0")) return { ok: false, problem: "The path holds a NUL character." };
  const path = posix.normalize(given.trim() === "" ? "." : given).replace(/(?<=.)\/$/, "");
  if (isInside(path)) return { ok: true, path };
  const suggestion = posix.join(WORKSPACE, posix.join("/", path));
  const meant = `Maybe you meant ${suggestion}?`;
  if (!path.startsWith("/"))
    return { ok: false, problem: `The path ${given} is not an absolute path, it should start with \`/\`. ${meant}` };
  return { ok: false, problem: `The path ${given} is not under ${WORKSPACE}, where this tool works. ${meant} For other places use bash.` };
}

function isInside(path: string): boolean {
  return path === WORKSPACE || path.startsWith(`${WORKSPACE}/`);
}
