import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { run } from "../process.ts";
import { pinned, SERVER_CORE } from "./server.ts";

const ROUNDS = 15;

/** The handler of a function in the cloud: bytes of its bundle, and the time that a fresh Node takes to import it, median. */
export async function lambdaBundle(folder: string): Promise<{ readonly bytes: number; readonly importMs: number }> {
  const bundle = join(folder, "handler.mjs");
  await build({
    entryPoints: [join(import.meta.dirname, "lambda-entry.ts")],
    outfile: bundle,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    legalComments: "none",
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  const importer = join(folder, "import.mjs");
  // The runtime of such functions has this global.
  const runtime = "globalThis.awslambda = { streamifyResponse: (handler) => handler };";
  const timed = "const start = performance.now(); const { handler } = await import(process.argv[2]); const ms = performance.now() - start;";
  const said =
    'if (typeof handler !== "function") throw new Error("The bundle exports no handler."); process.stdout.write(String(ms)); process.exit(0);';
  await writeFile(importer, `${runtime}\n${timed}\n${said}\n`);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [command, args] = await pinned(SERVER_CORE, process.execPath, [importer, pathToFileURL(bundle).href]);
    times.push(Number((await run(command, args)).stdout));
  }
  return { bytes: (await stat(bundle)).size, importMs: times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]! };
}
