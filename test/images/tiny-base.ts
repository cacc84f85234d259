import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, mkdir, readFile, readdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { trainerPython } from "./python.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What its tokenizer is learned from: the code and the prompts that the trajectories of tests are made of. */
const TEXTS = [
  { folder: "test/examples/parcels", endings: /\.(py|md)$/ },
  { folder: "core/agent/toolsets", endings: /\.ts$/ },
];

let made: Promise<string> | undefined;

/**
 * Folder of a base model that a test can train on a processor, see tiny_base.py: config, safetensors, tokenizer. Made once and kept in
 * .cache/ under the hash of all that it depends on. Nobody writes to it.
 */
export function tinyBase(): Promise<string> {
  return (made ??= make());
}

async function make(): Promise<string> {
  const script = `${root}test/images/tiny_base.py`;
  const texts = (await Promise.all(TEXTS.map(({ folder, endings }) => filesOf(folder, endings)))).flat();
  const hash = createHash("sha256");
  for (const path of [script, `${root}test/images/sft/requirements.txt`, ...texts]) hash.update(await readFile(path)).update("\0");
  const folder = `${root}.cache/tiny-base/${hash.digest("hex").slice(0, 16)}`;
  if (await exists(folder)) return folder;

  await mkdir(`${root}.cache/tiny-base`, { recursive: true });
  const unfinished = `${folder}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await promisify(execFile)(await trainerPython(), [script, unfinished, ...texts], { env: { ...process.env, OMP_NUM_THREADS: "1" } });
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // Another test was faster: theirs has the same bytes.
    if (!(await exists(folder))) throw error;
    await rm(unfinished, { recursive: true });
  }
  return folder;
}

async function filesOf(folder: string, endings: RegExp): Promise<readonly string[]> {
  const names = await readdir(`${root}${folder}`, { recursive: true });
  return names
    .filter((name) => endings.test(name))
    .toSorted()
    .map((name) => `${root}${folder}/${name}`);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
