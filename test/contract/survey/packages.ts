import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { removeFolder } from "../../folder.ts";

const goDownload = z.object({ Dir: z.string() });
const run = promisify(execFile);
export const CACHE = join(import.meta.dirname, "../../../.cache/survey-packages");
const MAX_BUFFER = 256 * 1024 * 1024;

/** Runs a program and returns what it prints. */
export async function output(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await run(program, [...args], { cwd, maxBuffer: MAX_BUFFER });
  return stdout;
}

/** The folder that `fill` made, made once: a second caller finds it, a failed one leaves nothing behind. */
async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, "making-"));
  try {
    await fill(making);
    await rename(making, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await removeFolder(making);
  }
  return folder;
}

/** An sdist of PyPI, unpacked. */
export function pythonSdist(name: string, version: string): Promise<string> {
  return cached(`pypi-${name}-${version}`, async (folder) => {
    const pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", name, "-d", folder];
    await output("python3", [...pip, `${name}==${version}`]);
    await unpack(folder);
  });
}

export function npmPackage(name: string, version: string): Promise<string> {
  return cached(`npm-${name.replaceAll("/", "-")}-${version}`, async (folder) => {
    await output("npm", ["pack", "--silent", `${name}@${version}`], folder);
    await unpack(folder);
  });
}

export async function goModule(path: string, version: string): Promise<string> {
  return goDownload.parse(JSON.parse(await output("go", ["mod", "download", "-json", `${path}@${version}`], CACHE))).Dir;
}

/** A sources jar of Maven's central repository. */
export function mavenSources(group: string, name: string, version: string): Promise<string> {
  return cached(`maven-${name}-${version}`, async (folder) => {
    const artifact = `${group}:${name}:${version}:jar:sources`;
    await output("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], CACHE);
    const jar = `${name}-${version}-sources.jar`;
    await output("jar", ["-xf", jar], folder);
    await rm(join(folder, jar));
  });
}

/** The oracle program, built once, and where cargo keeps the sources of what it is made of. */
export async function cargoProgram(
  source: string,
  name: string,
): Promise<{ readonly program: string; readonly sources: (crate: string) => string }> {
  const folder = await cached(`cargo-${name}`, async (making) => {
    await cp(source, making, { recursive: true });
    await output("cargo", ["build", "--release", "--quiet"], making);
  });
  const built = await output("cargo", ["build", "--release", "--quiet", "--offline", "--message-format=json"], folder);
  const manifests = built.split("\n").flatMap((line) => /"manifest_path":"([^"]+)"/.exec(line)?.[1] ?? []);
  return {
    program: join(folder, "target/release", name),
    sources: (crate) => {
      const found = manifests.find((manifest) => basename(dirname(manifest)).startsWith(`${crate}-`));
      if (found === undefined) throw new Error(`cargo built no ${crate}`);
      return dirname(found);
    },
  };
}

async function unpack(folder: string): Promise<void> {
  for (const archive of await readdir(folder)) {
    if (!/\.(tar\.gz|tgz)$/.test(archive)) continue;
    await output("tar", ["-xzf", archive, "--strip-components=1"], folder);
    await rm(join(folder, archive));
  }
}
