import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(new URL("../../../package-lock.json", import.meta.url), "utf8"),
);

/** Where Node would look for a package from `path`: in its own node_modules, then in those above. */
function places(path: string, name: string): string[] {
  const parents = [...path.matchAll(/(?:^|\/)node_modules\//g)].map(({ index }) => path.slice(0, index));
  return [path, ...parents].map((folder) => `${folder === "" ? "" : `${folder}/`}node_modules/${name}`);
}

/** A registry that lacks the package of a foreign platform makes npm leave it out of the lock, and `npm ci` refuses such a lock. */
test("the lock holds the packages of every platform", () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !places(path, name).some((place) => place in lock.packages)),
  );
  expect(missing).toEqual([]);
});

test("the lock names no registry", () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
