import { build } from "esbuild";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SURVEY_ASSETS } from "../../core/survey/assets.ts";
import { readListing, readSurvey } from "../../test/contract/survey/oracles/listing.ts";
import { CACHE, output, pythonSdist } from "../../test/contract/survey/packages.ts";

/**
 * usage: node bench/survey/survey.ts: seconds, peak memory and completeness of the survey of two sdists of PyPI, in a process of
 * its own, bundled as the published package is. Complete: every function that Python's `ast` lists in a file that no rule skips.
 */
const PACKAGES = [
  { name: "sympy", version: "1.13.3", target: "< 10 s, < 150 MB", peer: "code2flow: 702 s, 1070 MB, 61 %" },
  { name: "django", version: "5.1.4", target: "< 3 s", peer: "code2flow (3.2): 11.5 s, 40 %" },
];
const RUNS = 3;
const BUNDLE = join(CACHE, "bench-bundle");

async function bundle(): Promise<string> {
  await mkdir(BUNDLE, { recursive: true });
  await build({
    entryPoints: { "survey-once": "bench/survey/survey-once.ts", "survey-worker": "core/survey/parser/worker.ts" },
    absWorkingDir: join(import.meta.dirname, "../.."),
    outdir: BUNDLE,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    define: { SERAC_BUNDLE: "true" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  for (const { name, specifier } of SURVEY_ASSETS) {
    const to = join(BUNDLE, "assets", name);
    await mkdir(dirname(to), { recursive: true });
    await cp(new URL(import.meta.resolve(specifier)), to);
  }
  return join(BUNDLE, "survey-once.js");
}

const program = await bundle();
for (const { name, version, target, peer } of PACKAGES) {
  const root = await pythonSdist(name, version);
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(readSurvey(await output(process.execPath, [program, root])));
  const survey = runs.toSorted((a, b) => a.tookMs - b.tookMs)[Math.floor(RUNS / 2)]!;
  const skipped = new Set(survey.skipped.map(({ path }) => path));
  const found = new Set(survey.functions.map((entry) => entry.join("\0")));
  const listing = readListing(
    await output("python3", [join(import.meta.dirname, "../../test/contract/survey/oracles/functions.py"), root]),
  );
  const expected = listing.flatMap(({ path, functions = [] }) =>
    skipped.has(path) ? [] : functions.map((entry) => [path, ...entry].join("\0")),
  );
  const complete = expected.filter((entry) => found.has(entry)).length;
  console.log(
    JSON.stringify({
      bench: "survey",
      package: `${name} ${version}`,
      seconds: survey.tookMs / 1000,
      peakRssMb: Math.max(...runs.map(({ peakRssMb }) => peakRssMb)),
      files: survey.files,
      functions: survey.functions.length,
      listedByAst: expected.length,
      found: complete,
      target,
      peer,
    }),
  );
}
