import { readdir, readFile, writeFile } from "node:fs/promises";
import { withReferences } from "./reference.ts";

/** Writes the generated parts of docs/ anew. */
const docs = new URL("../docs/", import.meta.url);
for (const name of await readdir(docs)) {
  if (!name.endsWith(".md")) continue;
  const page = new URL(name, docs);
  await writeFile(page, await withReferences(await readFile(page, "utf8")));
}
