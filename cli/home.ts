import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Option } from "commander";
import type { Io } from "./io.ts";

const DEFAULT_HOME = ".serac";

export const homeOption = (): Option =>
  new Option("--home <dir>", `where runs and datasets are kept (default: $SERAC_HOME, else ${DEFAULT_HOME} here)`);

/** Absolute. */
export function homePath(io: Io, flag: string | undefined): string {
  const fromEnvironment = io.env["SERAC_HOME"];
  return resolve(io.cwd, flag ?? (fromEnvironment === undefined || fromEnvironment === "" ? DEFAULT_HOME : fromEnvironment));
}

/** Whether runs were started there. Any other folder is left as it is by commands that only look. */
export const isHome = (path: string): boolean => existsSync(join(path, "serac.db"));

/** What other commands need to find this home again: nothing, or ` --home DIR`. */
export const homeFlag = (home: string): string => (shownPath(home) === DEFAULT_HOME ? "" : ` --home ${shownPath(home)}`);

/** Relative where that is shorter to type. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === "" || fromHere.startsWith("..") ? path : fromHere;
}
