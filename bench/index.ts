import { cpus, release, totalmem } from "node:os";
import { checkpoint } from "./checkpoint/index.ts";
import { cloud } from "./cloud/index.ts";
import { exports } from "./export/index.ts";
import { functions } from "./functions/index.ts";
import { gateway } from "./gateway/index.ts";
import { gatewayMemory } from "./gateway/memory.ts";
import { prepare } from "./prepare/index.ts";
import { recall } from "./recall/index.ts";
import { rollout } from "./rollout/index.ts";
import { sandbox } from "./sandbox/index.ts";
import type { Row } from "./section.ts";
import { start } from "./start/index.ts";
import { survey } from "./survey/index.ts";

/**
 * usage: npm run bench [-- section…] [--slow]
 *
 * Prints a Markdown table: what, what must be reached, serac, the peer. Sections: survey, sandbox, rollout, recall, export, start, gateway, gateway-memory, functions, cloud, prepare, checkpoint.
 */
const SECTIONS = [survey, sandbox, rollout, recall, exports, start, gateway, gatewayMemory, functions, cloud, prepare, checkpoint];

const words = process.argv.slice(2);
const slow = words.includes("--slow");
const names = words.filter((word) => !word.startsWith("--"));
const unknown = names.filter((name) => !SECTIONS.some((section) => section.name === name));
if (unknown.length > 0) {
  console.error(`bench: no section ${unknown.join(", ")}; there are ${SECTIONS.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

const log = (line: string): void => console.error(line);
const rows: Row[] = [];
for (const section of SECTIONS) {
  if (names.length > 0 && !names.includes(section.name)) continue;
  log(section.name);
  rows.push(...(await section.run({ slow, log })));
}

const [cpu] = cpus();
console.log(
  `${cpus().length} cores of ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}\n`,
);
console.log("| what | must reach | serac | peer |\n|---|---|---|---|");
for (const { what, target, serac, peer } of rows) console.log(`| ${what} | ${target} | ${serac} | ${peer} |`);
