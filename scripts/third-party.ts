import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

const LICENSE_FILE = /^(licen[cs]e|notice|copying)/i;

/** The licences of the npm packages whose code or data is inside the bundles. `files` are paths from the project's root. */
export async function thirdPartyNotices(root: string, files: readonly string[]): Promise<string> {
  const folders = new Set(files.map(packageFolder).filter((folder) => folder !== null));
  const notices = await Promise.all([...folders].toSorted().map((folder) => notice(join(root, folder))));
  return `serac contains the packages below; each stays under its own licence.\n\n${notices.join("\n")}`;
}

/** `node_modules/a/b.js` -> `node_modules/a`, nested packages included. */
function packageFolder(file: string): string | null {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? null;
}

async function notice(folder: string): Promise<string> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const names = (await readdir(folder)).filter((name) => LICENSE_FILE.test(name)).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return `== ${manifest.name} ${manifest.version} (${manifest.license ?? "see below"})\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}
