import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { CLOUD_FUNCTIONS, type CloudFunction } from "../core/config/cloud/names.ts";
import { buildQwen3Asset, QWEN3_ASSET } from "../core/dataset/tokenizer/qwen3-asset.ts";
import { SURVEY_ASSETS } from "../core/survey/assets.ts";
import { buildSandbox } from "./build-sandbox.ts";
import { buildTenant } from "./build-tenant.ts";
import { buildTrainer } from "./build-trainer.ts";

/** Makes dist-lambdas/<name>/, what the stacks put into the functions; dist-lambdas/maps/<name>/ has what reads their stacks. */

const root = fileURLToPath(new URL("..", import.meta.url));

export interface BuiltLambda {
  readonly name: CloudFunction;
  /** All files of JavaScript together. */
  readonly codeBytes: number;
  /** Data beside the code. */
  readonly assetBytes: number;
}

/** What a function needs beside its own code. */
const EXTRAS: Partial<Record<CloudFunction, (folder: string) => Promise<void>>> = {
  prepare: async (folder) => {
    await bundle({ "survey-worker": "core/survey/parser/worker.ts" }, folder, ".js");
    for (const { name, specifier } of SURVEY_ASSETS) {
      await mkdir(dirname(join(folder, "assets", name)), { recursive: true });
      await copyFile(fileURLToPath(import.meta.resolve(specifier)), join(folder, "assets", name));
    }
    await buildSandbox(join(folder, "assets/sandbox"));
  },
  finish: addVocabulary,
  train: addVocabulary,
};

/** Exports count tokens. */
async function addVocabulary(folder: string): Promise<void> {
  const target = join(folder, "assets", QWEN3_ASSET);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, await readFile(join(root, ".cache/assets", QWEN3_ASSET)).catch(() => buildQwen3Asset()));
}

/** Builds every function, or the named ones, below `out`. */
export async function buildLambdas(out: string, names: readonly CloudFunction[] = CLOUD_FUNCTIONS): Promise<readonly BuiltLambda[]> {
  return Promise.all(names.map((name) => buildLambda(name, out)));
}

async function buildLambda(name: CloudFunction, out: string): Promise<BuiltLambda> {
  const folder = join(out, name);
  await rm(folder, { recursive: true, force: true });
  await bundle({ index: `lambdas/${name}/index.ts` }, folder, ".mjs");
  // The parser's thread is started from a file that ends in .js.
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await EXTRAS[name]?.(folder);
  await moveMaps(folder, join(out, "maps", name));
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files
      .filter((entry) => entry.isFile())
      .map(async (entry) => ({
        isCode: entry.parentPath === folder && /\.m?js$/.test(entry.name),
        bytes: (await stat(join(entry.parentPath, entry.name))).size,
      })),
  );
  const sumOf = (isCode: boolean): number => sizes.filter((file) => file.isCode === isCode).reduce((sum, file) => sum + file.bytes, 0);
  return { name, codeBytes: sumOf(true), assetBytes: sumOf(false) };
}

async function bundle(entryPoints: Record<string, string>, outdir: string, extension: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    outExtension: { ".js": extension },
    bundle: true,
    splitting: true,
    chunkNames: "chunk-[hash]",
    format: "esm",
    platform: "node",
    target: "node24",
    // Not with keepNames, which defines a property on every closure when it is made.
    minify: true,
    sourcemap: "external",
    legalComments: "none",
    define: { SERAC_BUNDLE: "true" },
    // The runtime's own copy of the SDK is of a version that nobody chose.
    external: [],
    // ES modules of packages that have both: a third smaller, and what is not used falls away.
    mainFields: ["module", "main"],
    // CommonJS packages inside an ES module still call require for Node's own modules.
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    plugins: [undiciParts],
    logLevel: "warning",
  });
}

/** undici's index also loads its mocks, caches and sockets, and no bundler can tell that nobody asks for them: 200 kB. */
const undiciParts: Plugin = {
  name: "undici-parts",
  setup: (on) => {
    on.onResolve({ filter: /^undici$/ }, () => ({ path: "undici", namespace: "undici-parts" }));
    on.onLoad({ filter: /^undici$/, namespace: "undici-parts" }, () => ({
      resolveDir: root,
      contents: `
        exports.Agent = require("undici/lib/dispatcher/agent");
        exports.EnvHttpProxyAgent = require("undici/lib/dispatcher/env-http-proxy-agent");
        exports.fetch = require("undici/lib/web/fetch").fetch;
      `,
    }));
  },
};

/** A map is several times as large as its code, and no function reads it. */
async function moveMaps(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const maps = (await readdir(from)).filter((file) => file.endsWith(".map"));
  await Promise.all(maps.map((file) => rename(join(from, file), join(to, file))));
}

if (import.meta.main) {
  await buildTenant(join(root, "dist-lambdas/tenant"));
  await buildTrainer(join(root, "dist-lambdas/trainer"));
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`.padStart(9);
  for (const { name, codeBytes, assetBytes } of await buildLambdas(join(root, "dist-lambdas"))) {
    console.log(`${name.padEnd(8)}${kilobytes(codeBytes)} code${kilobytes(assetBytes)} data`);
  }
}
