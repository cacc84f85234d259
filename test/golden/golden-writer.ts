import { readFileSync, writeFileSync } from "node:fs";
import { GOLDEN_CASES } from "./cases.ts";
import { GOLDEN_FOLDER, goldenOf, toolsOf, turnsOf, type Golden, type GoldenMessage } from "./golden.ts";

/**
 * usage: node test/golden/golden-writer.ts [row file of an openai export]
 *
 * Writes the golden renderings anew; of the row file the first row becomes `rehearsal`. A change of these files is a change of what models
 * are trained and served with.
 */
const write = (golden: Golden): void =>
  writeFileSync(new URL(`${golden.name}.json`, GOLDEN_FOLDER), `${JSON.stringify(golden, null, 2)}\n`);

for (const { name, turns, tools } of GOLDEN_CASES) write(goldenOf(name, turns, tools));
const [, , rowFile] = process.argv;
if (rowFile !== undefined) {
  const row: { readonly messages: readonly GoldenMessage[]; readonly tools: string } = JSON.parse(
    readFileSync(rowFile, "utf8").split("\n")[0]!,
  );
  write(goldenOf("rehearsal", turnsOf(row.messages), toolsOf(row.tools)));
}
