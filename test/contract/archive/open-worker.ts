import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";

import { SeracError } from "../../../core/errors/index.ts";
import { createArchives } from "../../../drivers/archive/index.ts";

/** Opens the archive at the first path below the second, and prints what came of it, what it took and what is left. */
const [archive = "", folder = ""] = process.argv.slice(2);
const archives = createArchives({ artifacts: { stream: (key) => createReadStream(key, { highWaterMark: 1 << 18 }) }, folder });
const before = process.resourceUsage().maxRSS;

let outcome: Record<string, unknown>;
try {
  const source = await archives.open(archive, { commit: "HEAD", origin: "the archive" });
  let files = 0;
  for await (const _ of source.files()) files += 1;
  await source.close();
  outcome = { files };
} catch (error) {
  if (!(error instanceof SeracError)) throw error;
  outcome = { code: error.code, message: error.message };
}
const mebibytes = (kibibytes: number): number => Math.round(kibibytes / 1024);
process.stdout.write(
  JSON.stringify({
    ...outcome,
    left: await readdir(folder),
    beforeMb: mebibytes(before),
    peakMb: mebibytes(process.resourceUsage().maxRSS),
  }),
);
