import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planIndexUpdate, suspectFolders } from "../../../../drivers/bubblewrap/index-update.ts";
import { changedPaths, parseListing, type ListedEntry } from "../../../../drivers/bubblewrap/listing.ts";
import { parseTrackedPaths } from "../../../../drivers/bubblewrap/tracked-paths.ts";

const tracked = parseTrackedPaths(Buffer.from(["a.txt", "src/b.py", "src/deep/c.py", "src-other/d.py", "z"].join("\0")));
const listing = (...entries: readonly string[]): Map<string, ListedEntry> =>
  parseListing(Buffer.from(entries.map((entry, at) => `${entry[0]} 5 644 ${at} 1.5 1.5 ${entry.slice(2)}\0`).join(""), "latin1"));
const plan = (
  entries: Map<string, ListedEntry>,
  changed = [...entries.keys()],
  opaque: readonly string[] = [],
  before = listing(),
): ReturnType<typeof planIndexUpdate> => planIndexUpdate(changed, before, entries, tracked, (path) => opaque.includes(path));

describe("the update of the index", () => {
  test("reads changed and new files again, and asks whether new ones are ignored", () => {
    expect(plan(listing("f a.txt", "f new.txt", "l link"))).toEqual({
      remove: [],
      refresh: ["a.txt", "new.txt", "link"],
      untracked: ["new.txt", "link"],
    });
  });

  test("drops what a whiteout, a pipe or nothing at all has taken the place of, with everything below", () => {
    expect(plan(listing("c src", "p a.txt"))).toEqual({
      remove: ["src", "src/b.py", "src/deep/c.py", "a.txt"],
      refresh: [],
      untracked: [],
    });
    expect(plan(listing(), ["src/deep"])).toEqual({ remove: ["src/deep", "src/deep/c.py"], refresh: [], untracked: [] });
  });

  test("of a folder made anew keeps only what is in it again", () => {
    expect(plan(listing("d src", "f src/b.py"), undefined, ["src"])).toEqual({
      remove: ["src/b.py", "src/deep/c.py"],
      refresh: ["src/b.py"],
      untracked: [],
    });
    expect(plan(listing("d src", "f src/b.py"))).toEqual({ remove: [], refresh: ["src/b.py"], untracked: [] });
  });

  test("drops a file whose name a folder has taken", () => {
    expect(plan(listing("d a.txt", "d made", "d other"), undefined, [], listing("f made"))).toEqual({
      remove: ["a.txt", "made"],
      refresh: [],
      untracked: [],
    });
  });

  test("suspects only folders that the base has files in", () => {
    const entries = listing("d src", "d made", "d src/deep", "f a.txt");
    expect(suspectFolders([...entries.keys()], entries, tracked)).toEqual(["src", "src/deep"]);
  });
});

test("tracked paths below a folder are exactly those that begin with its name and a slash", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "b", "/", "-", "\xff", "0"), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 30 }), name, (paths, folder) => {
      const known = parseTrackedPaths(Buffer.from(paths.join("\0"), "latin1"));
      expect(known.below(folder).toSorted()).toEqual(paths.filter((path) => path.startsWith(`${folder}/`)).toSorted());
      for (const path of paths) expect(known.has(path)).toBe(true);
      expect(known.has(`${folder}#`)).toBe(false);
    }),
  );
});

describe("a listing", () => {
  test("keeps every byte of a path, and skips a record that was cut off", () => {
    const text = "f 12 644 99 1.0 2.0 with space\nand newline \xff\0d 4096 755 7 1.0 1.0 sub\0f 1 6";
    expect([...parseListing(Buffer.from(text, "latin1")).values()].map(({ path, type, size }) => [path, type, size])).toEqual([
      ["with space\nand newline \xff", "f", 12],
      ["sub", "d", 4096],
    ]);
  });

  test("shows what is new, touched or gone", () => {
    const before = listing("f a", "f b", "f c");
    const after = parseListing(Buffer.from("f 5 644 0 1.5 1.5 a\0f 5 644 1 9.9 1.5 b\0f 5 644 7 1.5 1.5 d\0", "latin1"));
    expect(changedPaths(before, after)).toEqual(["b", "d", "c"]);
    expect(changedPaths(after, after)).toEqual([]);
  });
});
