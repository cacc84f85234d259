/** A path as bytes, turned into text that names the same file again, or the reason why it cannot be. */
export type TreePath =
  | { readonly path: string; readonly problem: null }
  | { readonly path: string; readonly problem: "encoding" | "unsafe" };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `path` is latin-1 text, for showing only, where `problem` is `encoding`. */
export function treePath(bytes: Uint8Array): TreePath {
  const decoded = decode(bytes);
  const path = decoded ?? Buffer.from(bytes).toString("latin1");
  if (!isInsideTree(path)) return { path, problem: "unsafe" };
  return { path, problem: decoded === null ? "encoding" : null };
}

/** git itself refuses to check out such names; a tree made by hand can hold them all the same. */
function isInsideTree(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
}

function decode(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Code units, as the port asks for: the same on every platform and in every locale. */
export const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
