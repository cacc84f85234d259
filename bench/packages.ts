import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { pythonSdist } from "../test/contract/survey/packages.ts";
import { run } from "./process.ts";

const CACHE = resolve(import.meta.dirname, "../.cache/bench");

/** Versions are pinned so that figures of different days compare. */
export const SYMPY = { name: "sympy", version: "1.13.3" } as const;
export const DJANGO = { name: "django", version: "5.1.4" } as const;

/** The unpacked source distribution of a PyPI package, downloaded once. */
export async function sourceOf({ name, version }: { readonly name: string; readonly version: string }): Promise<string> {
  const folder = await pythonSdist(name, version);
  const top = await readdir(folder);
  return top.length === 1 ? join(folder, top[0]!) : folder;
}

/** Python with the peers of bench/peers.txt, in a virtual environment of its own. */
export const peersPython = (): Promise<string> => pythonWith(join(import.meta.dirname, "peers.txt"));

/** Python with what a requirements file names, in a virtual environment of the file's name. */
export async function pythonWith(requirements: string): Promise<string> {
  const venv = join(CACHE, basename(requirements, ".txt"));
  const python = join(venv, "bin/python");
  const complete = join(venv, "complete");
  if (existsSync(complete)) return python;
  await rm(venv, { recursive: true, force: true });
  await mkdir(CACHE, { recursive: true });
  await run("python3", ["-m", "venv", venv]);
  await run(python, ["-m", "pip", "install", "-q", "-r", requirements]);
  await mkdir(complete);
  return python;
}

/** The folder of an npm package, installed without its install scripts into a place of its own. */
export async function installedPackage({ name, version }: { readonly name: string; readonly version: string }): Promise<string> {
  const prefix = join(CACHE, "npm", `${name.replaceAll("/", "+")}@${version}`);
  const folder = join(prefix, "node_modules", name);
  const complete = join(prefix, "complete");
  if (existsSync(complete)) return folder;
  await rm(prefix, { recursive: true, force: true });
  await mkdir(prefix, { recursive: true });
  await writeFile(join(prefix, "package.json"), '{ "private": true }');
  await run("npm", [
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--prefix",
    prefix,
    `${name}@${version}`,
  ]);
  await mkdir(complete);
  return folder;
}
