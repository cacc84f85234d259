import { resolve } from "node:path";
import { Option } from "commander";
import type { Io } from "./io.ts";

export const DEFAULT_HOME = ".serac";

export const homeOption = (): Option =>
  new Option("--home <dir>", `where runs and datasets are kept (default: $SERAC_HOME, else ${DEFAULT_HOME} here)`);

/** Absolute. */
export function homePath(io: Io, flag: string | undefined): string {
  const fromEnvironment = io.env["SERAC_HOME"];
  return resolve(io.cwd, flag ?? (fromEnvironment === undefined || fromEnvironment === "" ? DEFAULT_HOME : fromEnvironment));
}
