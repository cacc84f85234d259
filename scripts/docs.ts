import { readdir, readFile, writeFile } from "node:fs/promises";
import { JSON_SCHEMAS } from "./json-schemas.ts";
import { withReferences } from "./reference.ts";

/** Writes what the code generates anew: parts of docs/, and the schemas beside the trainer. */
const docs = new URL("../docs/", import.meta.url);
for (const name of await readdir(docs)) {
  if (!name.endsWith(".md")) continue;
  const page = new URL(name, docs);
  await writeFile(page, await withReferences(await readFile(page, "utf8")));
}

for (const [path, text] of JSON_SCHEMAS) await writeFile(new URL(`../${path}`, import.meta.url), text);
