import ignore from "ignore";
import type { Ignore } from "ignore";
import type { Overlay } from "../tree/overlay.ts";

/** Whether git would leave a new file out, by the .gitignore files of the workspace as they are now. Paths are relative to the tree. */
export function ignoreRules(overlay: Overlay): (path: string) => boolean {
  const rules = new Map<string, Ignore | null>();
  const directories = new Map<string, boolean>();

  function rulesIn(directory: string): Ignore | null {
    const known = rules.get(directory);
    if (known !== undefined) return known;
    const file = `${overlay.base.root}/${directory}.gitignore`;
    const found = overlay.at(file)?.kind === "file" ? ignore().add(Buffer.from(overlay.read(file)).toString("utf8")) : null;
    rules.set(directory, found);
    return found;
  }

  /** The deepest .gitignore that speaks of the path decides. Directories end in `/`. */
  function matches(path: string): boolean {
    let ignored = false;
    for (let start = 0; start !== -1; start = nextComponent(path, start)) {
      const said = rulesIn(path.slice(0, start))?.test(path.slice(start));
      if (said?.ignored === true) ignored = true;
      else if (said?.unignored === true) ignored = false;
    }
    return ignored;
  }

  function isIgnoredDirectory(directory: string): boolean {
    const known = directories.get(directory);
    if (known !== undefined) return known;
    const parent = directory.slice(0, directory.lastIndexOf("/", directory.length - 2) + 1);
    const ignored = (parent !== "" && isIgnoredDirectory(parent)) || matches(directory);
    directories.set(directory, ignored);
    return ignored;
  }

  return (path) => {
    const parent = path.slice(0, path.lastIndexOf("/") + 1);
    return (parent !== "" && isIgnoredDirectory(parent)) || matches(path);
  };
}

/** Where the component after the one at `start` begins; -1 when that is the last. */
function nextComponent(path: string, start: number): number {
  const slash = path.indexOf("/", start);
  return slash === -1 || slash === path.length - 1 ? -1 : slash + 1;
}
